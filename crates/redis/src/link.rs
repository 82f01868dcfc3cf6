//! One way to talk to Redis, whoever answers: a server, the master of the day, a cluster.

use std::time::Duration;

use redis::{
    Client, Cmd, ConnectionInfo, ProtocolVersion, RedisResult, TlsMode, Value,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSub},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    sentinel::{Sentinel, SentinelNodeConnectionInfo},
};

use crate::{RedisUrl, url::Topology};

/// How many commands may wait to be written before callers wait for room.
const QUEUE: usize = 1024;

/// A connection that is shared: what is sent at once travels at once. Clones are the same connection.
#[derive(Clone)]
pub(crate) enum Link {
    /// Comes back by itself after a disconnect.
    One(ConnectionManager),
    /// Finds the node of each key, and follows where it moves.
    Cluster(ClusterConnection),
}

// === impl Link ===

impl Link {
    /// Connects. `patience` is for each step; whoever calls has a limit on all of it.
    pub(crate) async fn open(url: &RedisUrl, patience: Duration) -> RedisResult<Self> {
        match &url.topology {
            Topology::Cluster => {
                let client = ClusterClient::builder(url.nodes.iter().cloned())
                    .connection_timeout(patience)
                    .response_timeout(patience)
                    .retries(3)
                    .min_retry_wait(1)
                    .max_retry_wait(20)
                    .build()?;
                client.get_async_connection().await.map(Self::Cluster)
            }
            Topology::One | Topology::Sentinel { .. } => {
                let info = server(url).await?;
                // RESP3, because then a disconnect is noticed when it happens and not by the next request.
                let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
                let client = Client::open(info.set_redis_settings(settings))?;
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(patience))
                    .set_response_timeout(Some(patience))
                    .set_pipeline_buffer_size(QUEUE);
                ConnectionManager::new_with_config(client, config).await.map(Self::One)
            }
        }
    }

    /// Sends one command.
    pub(crate) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::One(connection) => command.query_async(&mut connection.clone()).await,
            Self::Cluster(connection) => command.query_async(&mut connection.clone()).await,
        }
    }
}

/// A connection that hears what is published. In a cluster any node tells what is published on any other.
pub(crate) async fn listen(url: &RedisUrl) -> RedisResult<PubSub> {
    let Topology::Cluster = url.topology else {
        return Client::open(server(url).await?)?.get_async_pubsub().await;
    };
    let mut answer = Err(no_node());
    for node in &url.nodes {
        answer = match Client::open(node.clone()) {
            Ok(client) => client.get_async_pubsub().await,
            Err(error) => Err(error),
        };
        if answer.is_ok() {
            break;
        }
    }
    answer
}

/// The server to talk to: with sentinels, the one that is master now.
async fn server(url: &RedisUrl) -> RedisResult<ConnectionInfo> {
    let Topology::Sentinel { master, login } = &url.topology else {
        return url.nodes.first().cloned().ok_or_else(no_node);
    };
    let mut node = SentinelNodeConnectionInfo::default()
        .set_redis_connection_info(login.redis_settings().clone());
    if matches!(login.addr(), redis::ConnectionAddr::TcpTls { .. }) {
        node = node.set_tls_mode(TlsMode::Secure);
    }
    let mut sentinels = Sentinel::build(url.nodes.clone())?;
    let client = sentinels.async_master_for(master, Some(&node)).await?;
    Ok(client.get_connection_info().clone())
}

fn no_node() -> redis::RedisError {
    (redis::ErrorKind::ClusterConnectionNotFound, "no node is named").into()
}
