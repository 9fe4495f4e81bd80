//! The address a request comes from, behind trusted proxies only.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::app::App;

pub(super) struct ClientIp(pub IpAddr);

impl FromRequestParts<App> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        // Each proxy may have added a line of its own: they count as one list.
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let forwarded = lines.collect::<Vec<_>>().join(",");
        let forwarded = Some(forwarded.as_str()).filter(|list| !list.is_empty());
        Ok(Self(crate::limits::client_ip(peer, forwarded, &app.config.server.trusted_proxies)))
    }
}
