//! Mails by the operator's own server, over SMTP (RFC 5321) with TLS by rustls. The server is not a stranger's place: it is configured.

use std::time::Duration;

use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde::{Deserialize, Serialize};

/// How long each word of the exchange may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a line to a server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// TLS after the first words, or nothing is sent (RFC 3207).
    Starttls,
    /// In the clear: for a server on the same machine.
    None,
}

/// A server that takes mails.
#[derive(Clone)]
pub struct MailServer {
    /// Its name, as its certificate says it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is kept secret.
    pub security: Security,
    /// The authorities that may vouch for it, as PEM.
    pub authorities: Vec<u8>,
    /// Who mails come from: an address.
    pub from: String,
    /// Who signs in, and the password.
    pub account: Option<(String, String)>,
    /// What the appliance calls itself.
    pub name: String,
    /// Where people find the appliance: `https://host:port`.
    pub link: String,
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailServer").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// What sends mails.
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    link: String,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("link", &self.link).finish_non_exhaustive()
    }
}

/// A mail of plain text, with files where there are any.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// Its id, the same at every try: what is sent twice can be told.
    pub id: &'a str,
    /// To whom: an address.
    pub to: &'a str,
    /// What it is about, in one line.
    pub subject: &'a str,
    /// What it says.
    pub text: String,
    /// Files that lie in it.
    pub attached: Vec<Attached>,
}

/// A file in a mail.
#[derive(Debug, Clone)]
pub struct Attached {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// The whole of it.
    pub bytes: Vec<u8>,
}

/// Why a mail was not sent. What it says names neither the receiver nor the content.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The configuration.
    #[error("{0}")]
    Setting(&'static str),
    /// An address that is none.
    #[error("an address is none that mails can be sent to")]
    Address,
    /// The server will never take it.
    #[error("the mail server refuses the message{}", .0.map(|code| format!(" ({code})")).unwrap_or_default())]
    Refused(Option<u16>),
    /// The server is away, or wants it later.
    #[error("the mail server is not to be had now")]
    Away,
}

impl Mailer {
    /// By this server. Nothing is sent or looked up yet.
    ///
    /// # Errors
    /// When the address of the sender or the authorities are none.
    pub fn new(server: MailServer) -> Result<Self, MailError> {
        let MailServer { host, port, security, authorities, from, account, name, link } = server;
        let from: Mailbox = from.parse().map_err(|_| MailError::Setting("mail.from must be an address"))?;
        let tls = match security {
            Security::None => Tls::None,
            Security::Implicit => Tls::Wrapper(parameters(&host, &authorities)?),
            Security::Starttls => Tls::Required(parameters(&host, &authorities)?),
        };
        // Dangerous is what it would be without the next line.
        let mut transport = SmtpTransport::builder_dangerous(host).port(port).tls(tls).timeout(Some(PATIENCE));
        transport = transport.hello_name(ClientId::Domain(name));
        if let Some((user, password)) = account {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Mailer { transport: transport.build(), from, link })
    }

    /// Where people find the appliance.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Sends a mail. Waits, so it is to be called where waiting is allowed.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn send(&self, letter: &Letter<'_>) -> Result<(), MailError> {
        let to: Mailbox = letter.to.parse().map_err(|_| MailError::Address)?;
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let message = Message::builder().from(self.from.clone()).to(to).subject(letter.subject).message_id(Some(id));
        let text = letter.text.clone();
        let made = if letter.attached.is_empty() {
            message.header(ContentType::TEXT_PLAIN).body(text)
        } else {
            let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(text));
            for Attached { name, media_type, bytes } in &letter.attached {
                let kind =
                    ContentType::parse(media_type).map_err(|_| MailError::Setting("a file has no media type"))?;
                parts = parts.singlepart(Attachment::new(name.clone()).body(bytes.clone(), kind));
            }
            message.multipart(parts)
        };
        let mut message = made.map_err(|_| MailError::Address)?;
        // RFC 3834: so that nobody's absence answers.
        let by_itself = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(by_itself, "auto-generated".to_owned()));
        match self.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error.status().map(u16::from))),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a mail was not sent");
                Err(MailError::Away)
            }
        }
    }
}

/// TLS that trusts these authorities and nobody else.
fn parameters(host: &str, authorities: &[u8]) -> Result<TlsParameters, MailError> {
    let wrong = |_| MailError::Setting("mail.ca holds no authority that can vouch for a server");
    let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    let mut good = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(authorities).filter_map(Result::ok) {
        // One that cannot be read would spoil them all.
        if good.add(der.clone()).is_ok() {
            parameters = parameters.add_root_certificate(Certificate::from_der(der.to_vec()).map_err(wrong)?);
        }
    }
    if good.is_empty() {
        return Err(MailError::Setting("mail.ca holds no authority that can vouch for a server"));
    }
    parameters.build_rustls().map_err(wrong)
}
