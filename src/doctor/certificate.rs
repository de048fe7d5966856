//! The certificate: its end, its names, and its key.

use std::{fs, path::PathBuf};

use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use super::{Check, Health};
use crate::serve::{Certified, Config, moment};

/// A certificate that ends within so many days should be renewed.
const SOON_DAYS: i64 = 21;

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let own = config.data.join("tls");
    let (chain, key) = match (&config.listen.certificate, &config.listen.certificate_key) {
        (Some(chain), Some(key)) => (chain.clone(), key.clone()),
        _ => (own.join("cert.pem"), own.join("key.pem")),
    };
    let why = "without one that browsers accept users see a warning, or nothing";
    let given = config.listen.certificate.is_some();
    if !given && !chain.exists() {
        return vec![Check::ok("certificate", "is made when the appliance first starts").why(why)];
    }
    let der = match read(&chain) {
        Ok(der) => der,
        Err(e) => {
            let remedy =
                if given { "listen.certificate with a chain as PEM" } else { "remove the folder tls: it is made anew" };
            return vec![Check::bad("certificate", Health::Fail, format!("{}: {e}", chain.display()), remedy).why(why)];
        }
    };
    let Some(leaf) = Certified::read(&der[0]) else {
        let detail = format!("{} holds no certificate that can be read", chain.display());
        return vec![Check::bad("certificate", Health::Fail, detail, "the right file").why(why)];
    };
    vec![fingerprint(&leaf, given), end(&leaf, given), names(&leaf, config), matching(der, &key)]
}

fn read(chain: &PathBuf) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = fs::read(chain).map_err(|e| e.to_string())?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(|| "holds no certificate in PEM form".to_owned())
}

fn fingerprint(leaf: &Certified, given: bool) -> Check {
    let whose = if given { "given" } else { "made by the appliance" };
    Check::ok("certificate", format!("{whose}, sha256:{}", leaf.fingerprint))
        .why("`--fingerprint` with it lets the command line trust this very certificate")
}

fn end(leaf: &Certified, given: bool) -> Check {
    let now = jiff::Timestamp::now();
    let (from, until) = (leaf.from, leaf.until);
    let name = "certificate end";
    let remedy = if given {
        "a new one from your authority; it is taken up within the hour"
    } else {
        "start the appliance: it renews its own"
    };
    let check = if now.as_second() < from {
        let detail = format!("good from {} on, which the clock has not reached", moment(from));
        Check::bad(name, Health::Fail, detail, "set the clock: timedatectl set-ntp true")
    } else if now.as_second() >= until {
        Check::bad(name, Health::Fail, format!("was good until {}", moment(until)), remedy)
    } else {
        let days = leaf.days_left(now);
        Check::that(days >= SOON_DAYS, Health::Warn, name, format!("good until {}, {days} days", moment(until)), remedy)
    };
    check.why("past its end no browser and no program comes in")
}

fn names(leaf: &Certified, config: &Config) -> Check {
    let has = &leaf.names;
    let lacks: Vec<&str> = config
        .listen
        .names
        .iter()
        .filter(|name| !has.iter().any(|known| covers(known, name)))
        .map(String::as_str)
        .collect();
    let detail =
        if lacks.is_empty() { has.join(", ") } else { format!("{}; not for {}", has.join(", "), lacks.join(", ")) };
    Check::that(
        lacks.is_empty(),
        Health::Warn,
        "certificate names",
        detail,
        "a certificate for all of listen.names; remove the folder tls for a new one of its own",
    )
    .why("a browser refuses a certificate for another name than the one that was typed")
}

/// Whether a certificate for `known` is one for `name`: the same, or a star for one label.
fn covers(known: &str, name: &str) -> bool {
    if known.eq_ignore_ascii_case(name) {
        return true;
    }
    match (known.strip_prefix("*."), name.split_once('.')) {
        (Some(parent), Some((_, rest))) => parent.eq_ignore_ascii_case(rest),
        _ => false,
    }
}

fn matching(chain: Vec<CertificateDer<'static>>, key: &PathBuf) -> Check {
    let (name, why) = ("certificate key", "with the key of another certificate nobody can connect");
    let private = match fs::read(key) {
        Ok(text) => PrivateKeyDer::from_pem_slice(&text),
        Err(e) => {
            let detail = format!("{}: {e}", key.display());
            return Check::bad(name, Health::Fail, detail, "listen.certificate_key with its key as PEM").why(why);
        }
    };
    let Ok(private) = private else {
        let detail = format!("{} holds no private key in PEM form", key.display());
        return Check::bad(name, Health::Fail, detail, "listen.certificate_key with its key as PEM").why(why);
    };
    match CertifiedKey::from_der(chain, private, &ring::default_provider()) {
        Ok(_) => {
            let mode = fs::metadata(key).map_or(0, |found| std::os::unix::fs::MetadataExt::mode(&found) & 0o777);
            let detail = format!("fits, mode {mode:o}");
            Check::that(mode & 0o077 == 0, Health::Warn, name, detail, format!("chmod 600 {}", key.display())).why(why)
        }
        Err(e) => Check::bad(name, Health::Fail, e.to_string(), "the key that the certificate was made with").why(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cover_one_label() {
        assert!(covers("*.example.org", "a.example.org") && covers("A.example.org", "a.EXAMPLE.org"));
        assert!(!covers("*.example.org", "a.b.example.org") && !covers("*.example.org", "example.org"));
    }
}
