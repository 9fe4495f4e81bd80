//! Names to addresses, every one checked: what comes out of here is the only thing that is connected to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Reach;

/// A test's own names.
#[cfg(test)]
pub(super) type Script = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// Where addresses come from.
#[derive(Clone)]
pub(super) enum Names {
    System,
    #[cfg(test)]
    Scripted(Script),
}

impl Names {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Scripted(script) => Ok(script(name)),
        }
    }
}

/// A name that has an address we must not connect to. One such address condemns the name, because the next lookup may
/// put it first.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private or reserved network")]
pub(super) struct PrivateName;

#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

/// The resolver of a client. The connector asks it once for each new connection and connects to what it returns.
pub(super) struct CheckedNames {
    pub(super) names: Names,
    pub(super) reach: Arc<Reach>,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, reach) = (self.names.clone(), Arc::clone(&self.reach));
        Box::pin(async move {
            let addresses = names.look_up(name.as_str()).await?;
            if addresses.is_empty() {
                return Err(NoAddress.into());
            }
            if !addresses.iter().all(|address| reach.includes(*address)) {
                return Err(PrivateName.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
