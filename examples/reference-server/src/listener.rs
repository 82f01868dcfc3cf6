//! One address that connections come to.

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    time::Instant,
};

use crate::{
    app::StartError,
    places::{Place, Places},
};

/// How long to wait before accepting again after an error.
const PAUSE: Duration = Duration::from_millis(50);

/// Failures are told so far apart.
const TOLD: Duration = Duration::from_mins(1);

/// No more files may be open, by this process or by all of them (`EMFILE`, `ENFILE`).
const NO_FILES: [i32; 2] = [24, 23];

/// Listens on one address. Several may share the places.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    places: Places,
    told: Mutex<Option<Instant>>,
}

/// A connection that has not said anything yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) place: Place,
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
        Ok(Self { socket, places, told: Mutex::default() })
    }

    /// The address with the port that was found, where 0 was asked for.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The next connection. Where there is no room, those that come later wait in the system's queue.
    pub(crate) async fn accept(&self) -> Accepted {
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    if let Some(place) = self.places.take(peer).await {
                        return Accepted { stream, peer, place };
                    }
                }
                Err(error) => {
                    self.tell(&error);
                    if error.raw_os_error().is_some_and(|code| NO_FILES.contains(&code)) {
                        self.places.make_room_for_any();
                    }
                    // Give those that are open a moment to end.
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Says so now and then: it goes on for as long as somebody wants it to.
    fn tell(&self, error: &io::Error) {
        let (now, mut told) =
            (Instant::now(), self.told.lock().unwrap_or_else(PoisonError::into_inner));
        if told.is_none_or(|told| now.duration_since(told) >= TOLD) {
            *told = Some(now);
            tracing::warn!(%error, "cannot accept a connection; the next minute this is not said again");
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
