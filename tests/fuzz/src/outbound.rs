//! What strangers want called: refused, or every address may be.

use std::{io, net::IpAddr};

use arbitrary::{Arbitrary, Unstructured};
use outbound::{Resolve, Rules, Target};

struct Fixed([u8; 16]);

impl Resolve for Fixed {
    fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![IpAddr::from(self.0)])
    }
}

/// Panics where that does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(input) = <([u8; 16], &str, &str)>::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let (address, url, location) = input;
    let Ok(target) = url.parse::<Target>() else { return };
    assert_eq!(target.to_string().parse::<Target>().as_ref(), Ok(&target), "{url}");
    assert!(!target.host().contains(['@', '/', '\\', '?', '#', ' ', '%']));
    if let Ok(next) = target.redirect(location) {
        assert!(target.is_plain() || !next.is_plain());
    }
    if let Ok(destination) = Rules::default().admit(target, &Fixed(address)) {
        for address in destination.addresses {
            let inside = match address.ip() {
                IpAddr::V4(v4) => {
                    v4.is_loopback()
                        || v4.is_private()
                        || v4.is_link_local()
                        || v4.is_unspecified()
                        || v4.is_multicast()
                }
                IpAddr::V6(v6) => v6.segments()[0] & 0xe000 != 0x2000 || v6.segments()[0] == 0x2002,
            };
            assert!(!inside, "{address}");
        }
    }
}
