//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IPv4 ranges that are not the public internet: IANA's special-purpose registry, and one address inside the public
/// range that a cloud uses for its own agent.
const NOT_PUBLIC_V4: [Ipv4Net; 17] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The one IPv6 range that is public. Everything else (loopback, IPv4-mapped, NAT64, unique local, link-local, site-local,
/// multicast, …) lies outside it.
const PUBLIC_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// Ranges inside the public one that are not: Teredo and the other protocol assignments, documentation, 6to4, and
/// documentation again.
const NOT_PUBLIC_V6: [Ipv6Net; 4] =
    [v6([0x2001, 0, 0], 23), v6([0x2001, 0xdb8, 0], 32), v6([0x2002, 0, 0], 16), v6([0x3fff, 0, 0], 20)];

/// What a client may reach besides the public internet.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    pub(super) networks: Vec<IpNet>,
    /// True for the requests whose port is one of the allowed loopback ports.
    pub(super) loopback: bool,
}

impl Reach {
    pub(super) fn includes(&self, address: IpAddr) -> bool {
        is_public(address)
            || self.networks.iter().any(|network| network.contains(&address.to_canonical()))
            || (self.loopback && (address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST))
    }
}

/// True for an address of the public internet. An IPv4 address in IPv6 clothes never is one.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            PUBLIC_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|network| network.contains(&address))
        }
    }
}

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c]: [u16; 3], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `addresses` are separated by spaces.
    fn check(addresses: &str, public: bool) {
        for address in addresses.split(' ') {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn only_the_public_internet_is_public() {
        check("8.8.8.8 1.1.1.1 149.154.167.220 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1", true);
        check("192.167.255.255 198.17.0.1 198.20.0.1 223.255.255.254 2606:4700::1111 2400:cb00::1", true);
        check("0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254", false);
        check("168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1", false);
        check(
            "192.31.196.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.7",
            false,
        );
        check("224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255", false);
        check(":: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808", false);
        check("64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378::1 2001:20::1 2001:db8::1 2002:7f00:1::1", false);
        check("3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1", false);
    }

    #[test]
    fn allowed_networks_and_loopback_open_exactly_themselves() {
        let check = |reach: &Reach, address: &str, expected: bool| {
            assert_eq!(reach.includes(address.parse().unwrap()), expected, "{reach:?} {address}");
        };
        let house = Reach { networks: vec!["10.1.0.0/16".parse().unwrap()], loopback: false };
        check(&house, "10.1.255.1", true);
        check(&house, "::ffff:10.1.0.1", true);
        check(&house, "10.2.0.1", false);
        check(&house, "127.0.0.1", false);
        let simulator = Reach { networks: Vec::new(), loopback: true };
        check(&simulator, "127.0.0.1", true);
        check(&simulator, "::1", true);
        check(&simulator, "127.0.0.2", false);
        check(&simulator, "::ffff:127.0.0.1", false);
        check(&simulator, "10.1.0.1", false);
    }
}
