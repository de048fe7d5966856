//! Addresses to which nothing goes unless the operator says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public Internet (IANA special-purpose registries of IPv4 and IPv6; RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        // Only global unicast is in use; what wraps an IPv4 address is judged by that one too.
        IpAddr::V6(v6) => {
            in_v6(v6, [0x2000, 0], 3) && !SPECIAL_V6.iter().any(|(base, prefix)| in_v6(v6, *base, *prefix))
        }
    }
}

/// Places that give whoever asks the machine's own credentials: never, whatever is allowed.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => [[169, 254, 169, 254], [169, 254, 170, 2], [100, 100, 100, 200]].contains(&v4.octets()),
        IpAddr::V6(v6) => {
            v6.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
                || embedded(v6).is_some_and(|v4| is_metadata(IpAddr::V4(v4)))
        }
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, NAT64, 6to4.
pub(crate) fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = v6.to_bits();
    let low = Ipv4Addr::from_bits(bits as u32);
    match v6.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => Some(low),
        [0x64, 0xff9b, ..] => Some(low),
        [0x2002, ..] => Some(Ipv4Addr::from_bits((bits >> 80) as u32)),
        _ => None,
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|(base, prefix)| {
        let mask = u32::MAX.checked_shl(32 - u32::from(*prefix)).unwrap_or(0);
        v4.to_bits() & mask == Ipv4Addr::from(*base).to_bits()
    })
}

fn in_v6(v6: Ipv6Addr, base: [u16; 2], prefix: u8) -> bool {
    let base = (u128::from(base[0]) << 112) | (u128::from(base[1]) << 96);
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    v6.to_bits() & mask == base
}

const SPECIAL_V4: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Parts of 2000::/3 that are not hosts of the Internet: Teredo, ORCHID, benchmarks, 6to4, documentation.
const SPECIAL_V6: [([u16; 2], u8); 5] =
    [([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x2620, 0x4f], 32), ([0x3fff, 0], 20)];
