//! One address that connections come to.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::app::StartError;

/// How long to wait before accepting again after an error.
const PAUSE: Duration = Duration::from_millis(50);

/// Listens on one address. Several may share the places.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    places: Places,
}

/// How many connections are open at once, on all addresses.
#[derive(Clone, Debug)]
pub(crate) struct Places(Arc<Semaphore>);

/// The place that a connection takes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A connection that has not said anything yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) place: Place,
}

// === impl Places ===

impl Places {
    /// Room for so many.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// Waits for one.
    async fn take(&self) -> Option<Place> {
        Arc::clone(&self.0).acquire_owned().await.ok().map(Place)
    }
}

// === impl Listener ===

impl Listener {
    /// Listens on `address`, which `setting` names.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on.
    pub(crate) async fn bind(
        setting: &str,
        address: SocketAddr,
        places: Places,
    ) -> Result<Self, StartError> {
        let socket = TcpListener::bind(address)
            .await
            .map_err(|error| cannot_listen(setting, address, &error))?;
        Ok(Self { socket, places })
    }

    /// The address with the port that was found, where 0 was asked for.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The next connection. At the bound, it waits in the system's queue.
    pub(crate) async fn accept(&self) -> Option<Accepted> {
        let place = self.places.take().await?;
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => return Some(Accepted { stream, peer, place }),
                Err(error) => {
                    // Out of file descriptors, most likely: give those that are open a moment to end.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> StartError {
    let fix = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("another program listens there; stop it, or set {setting} to another port")
        }
        io::ErrorKind::PermissionDenied => {
            format!("ports below 1024 need a privilege; set {setting} to a port above")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("this machine has no such address; set {setting} to one it has")
        }
        _ => format!("set {setting} to another address"),
    };
    format!("{setting}=`{address}`: {error}: {fix}").into()
}
