//! Mails, taken by a small server that speaks SMTP over TLS as servers do.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver as Inbox, channel},
    thread,
    time::Duration,
};

use axum::http::{Method, StatusCode};
use model::Level;
use outbound::{Letter, MailServer, Mailer, Security};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use store::Read as _;

use super::{
    receiver::{Papers, papers},
    reports::job_of,
    world::World,
};

/// What somebody said to the server until it took a mail: the commands, and the mail.
pub(super) struct Taken {
    pub(super) commands: Vec<String>,
    pub(super) mail: String,
}

/// A server that turns the first receiver away for now, and takes all after; what may sign in there, and what trusts it.
pub(super) fn server() -> (MailServer, Inbox<Taken>) {
    serving(Security::Implicit)
}

/// What is said before the line is secret, until it shall be: whether it shall, and the commands.
fn in_the_clear(socket: &TcpStream, extensions: &str) -> (bool, Vec<String>) {
    let (mut lines, mut out, mut commands) = (BufReader::new(socket), socket, Vec::new());
    out.write_all(b"220 mail.example.org ESMTP\r\n").unwrap();
    let mut said = String::new();
    while lines.read_line(&mut said).is_ok_and(|length| length > 0) {
        commands.push(std::mem::take(&mut said).trim_end().to_owned());
        match commands.last().unwrap().as_str() {
            "STARTTLS" => {
                out.write_all(b"220 2.0.0 go on\r\n").unwrap();
                return (true, commands);
            }
            "QUIT" => break,
            _ => out.write_all(format!("{extensions}\r\n").as_bytes()).unwrap(),
        }
    }
    (false, commands)
}

fn serving(security: Security) -> (MailServer, Inbox<Taken>) {
    let Papers { server, pem, .. } = papers();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, inbox) = channel();
    thread::spawn(move || {
        let mut is_first = true;
        for socket in listener.incoming() {
            let socket = socket.unwrap();
            let mut taken = Taken { commands: Vec::new(), mail: String::new() };
            if security == Security::Starttls {
                let (goes_on, commands) = in_the_clear(&socket, "250-mail.example.org\r\n250 STARTTLS");
                assert!(goes_on && commands == ["EHLO video.example.org", "STARTTLS"], "{commands:?}");
            }
            let line = StreamOwned::new(ServerConnection::new(server.clone()).unwrap(), socket);
            let mut line = BufReader::new(line);
            if security == Security::Implicit {
                line.get_mut().write_all(b"220 mail.example.org ESMTP\r\n").unwrap();
            }
            let mut said = String::new();
            while line.read_line(&mut said).is_ok_and(|length| length > 0) {
                let command = std::mem::take(&mut said).trim_end().to_owned();
                let answer = match command.split([' ', ':']).next().unwrap() {
                    "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
                    "AUTH" => "235 2.7.0 welcome\r\n",
                    "RCPT" if std::mem::take(&mut is_first) => "451 4.3.0 later\r\n",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 bye\r\n",
                    _ => "250 2.0.0 well\r\n",
                };
                taken.commands.push(command);
                if line.get_mut().write_all(answer.as_bytes()).is_err() {
                    break;
                }
                if answer.starts_with("354") {
                    while !taken.mail.ends_with("\r\n.\r\n") {
                        line.read_line(&mut taken.mail).unwrap();
                    }
                    line.get_mut().write_all(b"250 2.0.0 taken\r\n").unwrap();
                    told.send(std::mem::replace(&mut taken, Taken { commands: Vec::new(), mail: String::new() }))
                        .unwrap();
                }
            }
        }
    });
    let server = MailServer {
        host: "localhost".to_owned(),
        port,
        security,
        authorities: pem.into_bytes(),
        from: "Audiagram <appliance@example.org>".to_owned(),
        account: Some(("appliance".to_owned(), "a secret".to_owned())),
        name: "video.example.org".to_owned(),
        link: "https://video.example.org".to_owned(),
    };
    (server, inbox)
}

fn document() -> Value {
    let rule = json!({ "threshold": { "side": "below", "bound": 1 } });
    json!({ "title": "Zu wenig für heute", "question": { "sql": "SELECT count(*) AS n FROM projects" }, "rule": rule })
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_mails_once_the_server_takes_them() {
    let (server, inbox) = server();
    let world = World::mailing(Mailer::new(server).unwrap());
    let tenant = world.tenant("acme");
    let mut ada = world.person(&tenant, "ada", Level::Owner);
    let alert = |deliver: Value| json!({ "alert": document(), "deliver": deliver });
    let wrong = alert(json!({ "users": [ada.id.to_string()], "mail": "fr" }));
    assert_eq!(world.send(Some(&ada), Method::POST, "/v1/alerts", wrong).await.code(), "invalid");
    let right = alert(json!({ "users": [ada.id.to_string()], "mail": "de" }));
    let made = world.send(Some(&ada), Method::POST, "/v1/alerts", right).await;
    assert_eq!((made.status, &made.body["deliver"]["mail"]), (StatusCode::CREATED, &json!("de")), "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let file = world.services.store.tenant(tenant.id).unwrap();
    let view = file.read().unwrap();
    let schedule = view.get::<library::alert::Alert>(&id.parse().unwrap()).unwrap().unwrap().schedule.to_string();
    drop(view);
    world.later(&mut ada, Duration::from_secs(300));
    world.engine.open();
    world.services.jobs.wake(tenant.id);
    world.finish(&ada, &job_of(&world, &ada, &schedule, None));
    let about = jobs::queue::about(&file.read().unwrap(), ada.id.erase(), None, 9, |_| true).unwrap();
    let job = about.items[0].header.id.to_string();
    // The server wants it later.
    world.until_next_attempt(&ada, &job, 1);
    let Taken { commands, mail } = inbox.recv().unwrap();
    assert_eq!(world.finish(&ada, &job).state.kind().to_string(), "done");
    // \0appliance\0a secret
    assert!(commands.contains(&"AUTH PLAIN AGFwcGxpYW5jZQBhIHNlY3JldA==".to_owned()), "{commands:?}");
    assert!(commands.contains(&"EHLO video.example.org".to_owned()), "{commands:?}");
    assert!(commands.contains(&"RCPT TO:<ada@example.org>".to_owned()), "{commands:?}");
    let head = mail.split("\r\n\r\n").next().unwrap();
    assert!(head.contains(&format!("Message-ID: <{job}@example.org>")), "{head}");
    assert!(head.contains("Auto-Submitted: auto-generated") && head.contains("To: ada@example.org"), "{head}");
    assert!(!head.contains("Zu wenig für"), "letters beyond ASCII are encoded in the subject: {head}");
    assert!(mail.replace("=\r\n", "").contains(&format!("https://video.example.org/alerts/{id}")), "{mail}");
    world.verify(tenant.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_promised_only_where_they_are_sent() {
    let world = World::new();
    let tenant = world.tenant("acme");
    let ada = world.person(&tenant, "ada", Level::Owner);
    let alert = json!({ "alert": document(), "deliver": { "users": [ada.id.to_string()], "mail": "en" } });
    let refused = world.send(Some(&ada), Method::POST, "/v1/alerts", alert).await;
    assert_eq!(
        (refused.code(), &refused.body["errors"][0]["at"]),
        ("invalid", &json!("/deliver/mail")),
        "{}",
        refused.body
    );
}

#[test]
fn servers_that_make_no_sense_are_refused() {
    let (good, _inbox) = server();
    for wrong in [
        MailServer { from: "nobody".to_owned(), ..good.clone() },
        MailServer { authorities: b"no certificate".to_vec(), ..good.clone() },
    ] {
        assert!(Mailer::new(wrong).is_err());
    }
    assert!(Mailer::new(good).is_ok());
}

fn letter() -> Letter<'static> {
    let (id, to, subject) = ("job_1", "ada@example.org", "A report");
    Letter { id, to, subject, text: "It is there.".to_owned(), attached: Vec::new() }
}

#[test]
fn a_line_becomes_secret_before_anything_is_told() {
    let (server, inbox) = serving(Security::Starttls);
    let mailer = Mailer::new(server).unwrap();
    assert!(mailer.send(&letter()).is_err(), "the server wants it later");
    mailer.send(&letter()).unwrap();
    let Taken { commands, mail } = inbox.recv().unwrap();
    // The server is greeted anew, as RFC 3207 says.
    let words: Vec<_> = commands.iter().map(|command| command.split([' ', ':']).next().unwrap()).collect();
    assert_eq!(words[..3], ["EHLO", "AUTH", "MAIL"], "{commands:?}");
    assert!(mail.contains("It is there."), "{mail}");
}

#[test]
fn nothing_is_told_on_a_line_that_cannot_be_secret() {
    let (server, _inbox) = serving(Security::Starttls);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Somebody between the two takes the word away, or a server that has none.
    let heard = thread::spawn(move || in_the_clear(&listener.accept().unwrap().0, "250 mail.example.org").1);
    assert!(Mailer::new(MailServer { port, ..server }).unwrap().send(&letter()).is_err());
    let heard = heard.join().unwrap();
    assert!(heard.iter().all(|command| ["EHLO video.example.org", "QUIT"].contains(&command.as_str())), "{heard:?}");
    // Nor to one whose papers another authority made.
    let (mut stranger, inbox) = serving(Security::Starttls);
    stranger.authorities = papers().pem.into_bytes();
    assert!(Mailer::new(stranger).unwrap().send(&letter()).is_err());
    assert!(inbox.try_recv().is_err());
}
