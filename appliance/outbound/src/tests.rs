//! Ways around the guard, each of which must end at it.

use std::{
    cell::Cell,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};

use crate::{Resolve, Rules, Target, TargetError, Unreachable};

/// Names of a test.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses: &[&str] = match name {
            "hooks.example.com" => &["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
            "inside.example.com" => &["10.1.2.3"],
            "mixed.example.com" => &["93.184.215.14", "127.0.0.1"],
            "mapped.example.com" => &["::ffff:127.0.0.1"],
            "metadata.google.internal" => &["169.254.169.254"],
            "localhost" | "localtest.me" | "127.0.0.1.nip.io" => &["127.0.0.1"],
            "six.localhost" => &["::1"],
            "empty.example.com" => &[],
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }
}

fn admit(rules: &Rules, url: &str) -> Result<Vec<SocketAddr>, String> {
    let target: Target = url.parse().map_err(|error: TargetError| error.to_string())?;
    Ok(rules.admit(target, &Names).map_err(|error| error.to_string())?.addresses)
}

const BLOCKED: &[&str] = &[
    // Not https, or not a URL that all read alike.
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "HTTPS://hooks.example.com/",
    "//hooks.example.com/",
    "https:hooks.example.com",
    "https:/hooks.example.com",
    "https:///hooks.example.com",
    "https://",
    "https://?x",
    "",
    "https://hooks.example.com:443:80/",
    "https://hooks.example.com/#@127.0.0.1",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com\t/",
    "https://hooks.example.com/\r\nHost: x",
    "https://hooks.example.com/ x",
    "https://hooks.example.com%00.evil.com/",
    "https://hooks.example.com%2f@127.0.0.1/",
    // User names.
    "https://hooks.example.com@127.0.0.1/",
    "https://user:password@hooks.example.com/",
    "https://hooks.example.com:443@127.0.0.1/",
    "https://@127.0.0.1/",
    // Hosts that are none.
    "https://hooks..example.com/",
    "https://.example.com/",
    "https://hooks.example.com./",
    "https://-x.example.com/",
    "https://hooks_x.example.com/",
    "https://h\u{f6}ks.example.com/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://[::1/",
    "https://::1/",
    "https://[::1]x/",
    "https://[fe80::1%25eth0]/",
    "https://[127.0.0.1]/",
    // Loopback, in all its forms.
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.01/",
    "https://127.0.0.256/",
    "https://127.0.0.1.5/",
    "https://0.0.0.0/",
    "https://0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b:1::10.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::1]/",
    "https://[2001:0:7f00:1::]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://six.localhost/",
    "https://localtest.me/",
    "https://127.0.0.1.nip.io/",
    // Private, shared, link-local, documentation, multicast, reserved.
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.1.1/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[100::1]/",
    // Metadata.
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/",
    "https://[fd00:ec2::254]/",
    "https://metadata.google.internal/",
    // Names that lead inside, wholly or in part; ports.
    "https://inside.example.com/",
    "https://mixed.example.com/",
    "https://mapped.example.com/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:65536/",
];

#[test]
fn every_way_around_ends_here() {
    let rules = Rules::default();
    for url in BLOCKED.iter().copied() {
        assert!(admit(&rules, url).is_err(), "{url}");
    }
    for url in [
        "https://hooks.example.com",
        "https://HOOKS.example.com/a?b=c",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com?x",
    ] {
        assert_eq!(admit(&rules, url).map(|found| found.len()), Ok(2), "{url}");
    }
    assert!(admit(&rules, "https://93.184.215.14/").is_ok() && admit(&rules, "https://[2606:2800::1]/").is_ok());
    let long = format!("https://hooks.example.com/{}", "a".repeat(3_000));
    assert!(admit(&rules, &long).is_err());
}

#[test]
fn a_refusal_tells_nothing_of_the_network() {
    let rules = Rules::default();
    for url in [
        "https://inside.example.com/",
        "https://nowhere.example.com/",
        "https://empty.example.com/",
        "https://10.0.0.1/",
    ] {
        assert_eq!(admit(&rules, url), Err(Unreachable.to_string()), "{url}");
    }
}

#[test]
fn what_the_operator_allows() {
    let allow = ["10.1.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "64:ff9b::/96"];
    let rules = Rules {
        allow: allow.iter().map(|text| text.parse().unwrap()).collect(),
        ports: vec![443, 9000],
        own: vec!["0.0.0.0:8443".parse().unwrap(), "0.0.0.0:9000".parse().unwrap()],
    };
    for url in [
        "https://10.1.2.3/",
        "https://inside.example.com/",
        "http://10.1.2.3/",
        "https://127.0.0.1/",
        "https://[64:ff9b::10.1.0.1]/",
    ] {
        assert!(admit(&rules, url).is_ok(), "{url}");
    }
    for url in [
        "https://10.2.0.1/",
        "http://hooks.example.com/",
        "https://169.254.169.254/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b::10.2.0.1]/",
        "https://127.0.0.1:9000/",
        "https://hooks.example.com:8443/",
    ] {
        assert!(admit(&rules, url).is_err(), "{url}");
    }
}

#[test]
fn a_name_that_changes_its_mind_changes_nothing() {
    /// Public when first asked, the machine itself from then on.
    struct Turncoat(Cell<usize>);
    impl Resolve for Turncoat {
        fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            self.0.set(self.0.get() + 1);
            let address = if self.0.get() == 1 { "93.184.215.14" } else { "127.0.0.1" };
            Ok(vec![address.parse().unwrap()])
        }
    }
    let resolver = Turncoat(Cell::new(0));
    let target: Target = "https://turncoat.example.com/hook".parse().unwrap();
    let destination = Rules::default().admit(target.clone(), &resolver).unwrap();
    assert_eq!(destination.addresses, ["93.184.215.14:443".parse().unwrap()]);
    assert_eq!(resolver.0.get(), 1, "it is asked once");
    assert!(Rules::default().admit(target, &resolver).is_err());
}

#[test]
fn redirects_are_targets_of_their_own() {
    let from: Target = "https://hooks.example.com:8443/a?b".parse().unwrap();
    let next = from.redirect("/c?d").unwrap();
    assert_eq!(next.to_string(), "https://hooks.example.com:8443/c?d");
    assert!(from.is_same_origin(&next));
    let other = from.redirect("https://169.254.169.254/latest").unwrap();
    assert!(!from.is_same_origin(&other));
    assert!(Rules::default().admit(other, &Names).is_err());
    for location in ["http://hooks.example.com/", "//127.0.0.1/", "x", "", "/\\127.0.0.1", "https://a@127.0.0.1/"] {
        assert!(from.redirect(location).is_err(), "{location}");
    }
}

#[test]
fn it_connects_to_what_was_checked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let rules = Rules { allow: vec!["127.0.0.1".parse().unwrap()], ports: vec![port], ..Rules::default() };
    let target: Target = format!("https://localtest.me:{port}/").parse().unwrap();
    assert_eq!((target.host().as_str(), target.authority()), ("localtest.me", format!("localtest.me:{port}")));
    let destination = rules.admit(target, &Names).unwrap();
    let stream = destination.connect(Duration::from_secs(10)).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(destination.connect(Duration::from_secs(10)).unwrap_err(), Unreachable);
    assert_eq!(destination.connect(Duration::ZERO).unwrap_err(), Unreachable);
}
