//! A server on a socket, on one thread, for a client that measures it from outside.

use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use palisade::core::Clock;
use tokio::net::TcpListener;

use crate::{
    ours,
    server::{self, Body, Host, Named, Serve},
};

/// Serves until it is killed. The first line it prints says where, and with which token.
struct OnSocket<'a> {
    name: &'a str,
}

/// Serves the server called `name`; that it admits need not be said.
pub(crate) fn serve(name: &str) {
    let admitted = format!("{name}, admitted");
    let name = if server::names().any(|known| known == admitted) { &admitted } else { name };
    server::put(name, &Clock::system(), OnSocket { name });
}

impl Host for OnSocket<'_> {
    type Hosted = ();

    fn host<S: Serve<B>, B: Body>(self, service: S) {
        let service = TowerToHyperService::new(Named::new(service, server::peer(self.name)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            println!("http://{address}/api/feed {}", ours::token("alice"));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let serving =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    drop(serving.await);
                });
            }
        });
    }
}
