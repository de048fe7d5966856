//! The certificate that is served, and the authorities that others are held against.

use std::path::Path;

use api::{
    RENEW_DAYS,
    host::{Certificates, Identity, Served, Trusted, Warning},
};

use super::Program;
use crate::{
    client::authorities_pem,
    doctor,
    serve::{Certified, Config, moment},
};

/// Certificates of an operator's own file that are told one by one.
const TOLD: usize = 20;

pub(super) fn certificates(program: &Program) -> Certificates {
    let (config, now) = (&program.settings.config, jiff::Timestamp::now());
    let chain: Vec<Certified> = program.certificate.chain().iter().filter_map(|der| Certified::read(der)).collect();
    let own = config.listen.certificate.is_none();
    let file = config.listen.certificate.clone().unwrap_or_else(|| config.data.join("tls/cert.pem"));
    let served = Served {
        own,
        file: file.display().to_string(),
        renewed_from: chain.first().filter(|_| own).map(|leaf| moment(leaf.until - RENEW_DAYS * 86_400)),
        chain: chain.iter().map(|one| one.told(now)).collect(),
        looked: program.certificate.looked(),
    };
    let trusted = trusted(config, now);
    let warnings = warnings(config, &served, &trusted);
    Certificates { served, trusted, warnings }
}

/// Whose word is taken, for each that is spoken to.
fn trusted(config: &Config, now: jiff::Timestamp) -> Vec<Trusted> {
    let mut uses = vec![("outbound.ca", &config.outbound.ca)];
    if config.mail.server.is_some() {
        uses.push(("mail.ca", &config.mail.ca));
    }
    if config.audit.syslog.is_some() {
        uses.push(("audit.syslog_ca", &config.audit.syslog_ca));
    }
    uses.into_iter().map(|(setting, file)| authorities(setting, file.as_deref(), now)).collect()
}

fn authorities(setting: &str, file: Option<&Path>, now: jiff::Timestamp) -> Trusted {
    let (found, fault) = match authorities_pem(file) {
        Ok(pem) => (Certified::all(&pem), None),
        Err(failure) => (Vec::new(), Some(failure.to_string().replace('\n', "; "))),
    };
    let told = |one: &Certified| -> Identity { one.told(now) };
    Trusted {
        setting: setting.to_owned(),
        file: file.map(|file| file.display().to_string()),
        of_system: file.is_none(),
        count: found.len(),
        ended: found.iter().filter(|one| one.days_left(now) < 0).count(),
        certificates: found.iter().filter(|_| file.is_some()).take(TOLD).map(told).collect(),
        fault,
    }
}

fn warnings(config: &Config, served: &Served, trusted: &[Trusted]) -> Vec<Warning> {
    let joined = |detail: String, remedy: Option<String>| match remedy {
        Some(remedy) => format!("{detail}; {remedy}"),
        None => detail,
    };
    let mut found: Vec<Warning> = doctor::certificate_faults(config)
        .into_iter()
        .map(|(check, detail, remedy)| Warning { code: check.replace(' ', "_"), detail: joined(detail, remedy) })
        .collect();
    if let Some(fault) = served.looked.as_ref().and_then(|looked| looked.fault.as_ref()) {
        found.push(Warning { code: "not_taken_up".to_owned(), detail: fault.clone() });
    }
    for one in trusted {
        let told = |code: &str, detail: String| Warning { code: code.to_owned(), detail };
        if let Some(fault) = &one.fault {
            found.push(told("no_authorities", format!("{}: {fault}", one.setting)));
        }
        // Old authorities in a list of the system are the system's affair.
        if one.ended > 0 && !one.of_system {
            let detail =
                format!("{}: {} of {} authorities have ended; a newer file", one.setting, one.ended, one.count);
            found.push(told("authority_ended", detail));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use api::{Certificate, CertificateSource};

    use super::*;

    #[test]
    fn what_ends_soon_or_has_ended_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let tls = folder.path().join("tls");
        let made = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * 80);
        let source = CertificateSource::Own { names: vec!["localhost".into(), "127.0.0.1".into()], folder: tls };
        let certificate = Certificate::load(source, made).unwrap();
        let file = folder.path().join("tls/cert.pem");
        let mut config = Config { data: folder.path().to_owned(), ..Config::default() };
        config.outbound.ca = Some(file);
        let settings = crate::serve::Settings::of(config);
        let place = crate::serve::Place { config: None, data: None };
        let started = (jiff::Timestamp::now(), std::time::Instant::now());
        let program = Program { place, settings, certificate, started };

        let told = certificates(&program);
        let [leaf] = &told.served.chain[..] else { panic!("{told:?}") };
        assert_eq!((leaf.names.join(" ").as_str(), leaf.self_signed), ("localhost 127.0.0.1", true));
        // It counts whole days, and the tenth may have just begun.
        assert!([9, 10].contains(&leaf.days_left), "{leaf:?}");
        assert_eq!((leaf.key.as_str(), leaf.fingerprint.len()), ("ECDSA, 256 bits", 64));
        assert!(told.served.own && told.served.renewed_from.is_some());
        let codes: Vec<&str> = told.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, ["certificate_end"]);
        let [webhooks] = &told.trusted[..] else { panic!("{told:?}") };
        assert_eq!((webhooks.count, webhooks.ended, webhooks.certificates.len()), (1, 0, 1));
    }
}
