//! Files onto a real server: OpenSSH's, a process a connection, as the user that runs the tests. Skipped, saying so, where it is not
//! installed (`apt-get install openssh-server`).

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs,
    net::TcpListener,
    os::{fd::OwnedFd, unix::fs::PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};

use rustls::{ClientConfig, RootCertStore};

use super::*;
use crate::{Depots, Rules};

const SSHD: &str = "/usr/sbin/sshd";

/// A program of the machine's.
#[expect(clippy::disallowed_methods, reason = "the server is a real one")]
fn program(name: &str) -> Command {
    Command::new(name)
}

fn output(name: &str, arguments: &[&str]) -> String {
    let said = program(name).args(arguments).output().unwrap();
    assert!(said.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// A server on a port of its own, the folder it lets into, and keys.
struct House {
    base: PathBuf,
    port: u16,
    user: String,
    host_key: HostKey,
}

impl House {
    /// Nothing where there is no server to be had.
    fn open(name: &str) -> Option<House> {
        if !Path::new(SSHD).exists() {
            println!("skipped: {SSHD} is not installed (apt-get install openssh-server)");
            return None;
        }
        let base = std::env::temp_dir().join(format!("audiagram-sftp-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(base.join("files")).unwrap();
        let user = output("id", &["-un"]);
        if user == "root" {
            // Its own service makes it at each start of the machine.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        for (key, sealed) in [("host", ""), ("user", ""), ("other", ""), ("sealed", "a passphrase")] {
            let file = base.join(key);
            output("ssh-keygen", &["-q", "-t", "ed25519", "-N", sealed, "-C", key, "-f", file.to_str().unwrap()]);
        }
        fs::copy(base.join("user.pub"), base.join("authorized")).unwrap();
        let at = base.display();
        let config = format!(
            "HostKey {at}/host\nPidFile none\nAuthorizedKeysFile {at}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n\
             PasswordAuthentication yes\nKbdInteractiveAuthentication no\nSubsystem sftp internal-sftp -d {at}/files\n"
        );
        fs::write(base.join("config"), config).unwrap();
        let shown = output("ssh-keygen", &["-l", "-f", base.join("host.pub").to_str().unwrap()]);
        let host_key = shown.split(' ').nth(1).unwrap().parse().unwrap();
        let port = serve(base.join("config"), Vec::new());
        Some(House { base, port, user, host_key })
    }

    fn server(&self) -> SftpServer {
        SftpServer {
            at: Target::server("127.0.0.1", self.port).unwrap(),
            user: self.user.clone(),
            login: Login::key(&self.text("user")).unwrap(),
            host_key: Some(self.host_key),
            folder: "in/reports".to_owned(),
        }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.base.join(name)).unwrap()
    }

    fn client(&self) -> Client {
        client(&["127.0.0.0/8"])
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.base);
    }
}

/// Hands each connection to a server of its own, as inetd does, started by the words in `before` where there are some; so nothing has to be waited for and nothing is left running.
fn serve(config: PathBuf, before: Vec<String>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut children: Vec<Child> = Vec::new();
        for socket in listener.incoming().map_while(Result::ok) {
            let line = || Stdio::from(OwnedFd::from(socket.try_clone().unwrap()));
            let words: Vec<&str> = before.iter().map(String::as_str).chain([SSHD]).collect();
            let mut sshd = program(words[0]);
            sshd.args(&words[1..])
                .args(["-i", "-e", "-f"])
                .arg(&config)
                .stdin(line())
                .stdout(line())
                .stderr(Stdio::null());
            children.push(sshd.spawn().unwrap());
            children.retain_mut(|child| child.try_wait().is_ok_and(|ended| ended.is_none()));
        }
    });
    port
}

fn client(allow: &[&str]) -> Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
    let rules = Rules { allow, ..Rules::default() };
    Client::new(rules, tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

#[test]
fn files_lie_where_they_were_put() {
    let Some(house) = House::open("put") else { return };
    let client = house.client();
    let depots = Depots { servers: vec![format!("127.0.0.1:{}", house.port)], ..Depots::default() };
    let depot = depots.sftp(house.server(), Some(&client)).unwrap();
    // Longer than the pieces on their way at once, and not a whole number of them.
    let large: Vec<u8> = (0..5_000_001_u32).map(|byte| (byte % 251) as u8).collect();
    for bytes in [b"one".as_slice(), &large, b""] {
        depot.put("usage/2026-11-01_run.pdf", bytes, 0).unwrap();
        let folder = house.base.join("files/in/reports/usage");
        assert!(fs::read(folder.join("2026-11-01_run.pdf")).unwrap() == bytes, "the bytes are those that were sent");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
    }
    fs::write(house.base.join("files/in/reports/kept"), "kept").unwrap();
    depot.put("usage/more/other", b"x", 0).unwrap();
    depot.remove("usage", ["usage/2026-11-01_run.pdf", "usage/more/other", "usage/never-there"], 0).unwrap();
    let left: Vec<_> =
        fs::read_dir(house.base.join("files/in/reports")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["kept"]);
    // From the root, and where the user is let in.
    let rooted = house.base.join("files/elsewhere").display().to_string();
    for (folder, there) in [(rooted.as_str(), "files/elsewhere/file"), ("", "files/file")] {
        let server = SftpServer { folder: folder.to_owned(), ..house.server() };
        Sftp::new(server, &client).put("file", b"here").unwrap();
        assert_eq!(house.text(there), "here");
    }
}

#[test]
fn a_server_is_known_before_anything_is_sent() {
    let Some(house) = House::open("known") else { return };
    let client = house.client();
    let put = |server: SftpServer| Sftp::new(server, &client).put("file", b"here").unwrap_err();
    let first = put(SftpServer { host_key: None, ..house.server() });
    assert!(matches!(first, SftpError::Unknown(shown) if shown == house.host_key), "{first}");
    assert!(first.to_string().contains(&house.host_key.to_string()) && !first.may_pass(), "{first}");
    let other: HostKey = format!("SHA256:{}", "A".repeat(43)).parse().unwrap();
    let changed = put(SftpServer { host_key: Some(other), ..house.server() });
    assert!(matches!(changed, SftpError::Changed { shown, pinned } if (shown, pinned) == (house.host_key, other)));
    assert!(!changed.may_pass() && fs::read_dir(house.base.join("files")).unwrap().count() == 0);
}

#[test]
fn who_is_not_let_in_is_told() {
    let Some(house) = House::open("login") else { return };
    let client = house.client();
    let put = |server: SftpServer| Sftp::new(server, &client).put("file", b"here").unwrap_err();
    for login in [Login::key(&house.text("other")).unwrap(), Login::Password("wrong".to_owned())] {
        let refused = put(SftpServer { login, ..house.server() });
        assert!(matches!(refused, SftpError::Login) && !refused.may_pass(), "{refused}");
    }
    assert_eq!(Login::key(&house.text("sealed")).unwrap_err(), LoginError::Sealed);
    assert_eq!(Login::key(&house.text("user.pub")).unwrap_err(), LoginError::Form);
    let curve = house.base.join("curve");
    output("ssh-keygen", &["-q", "-t", "ecdsa", "-N", "", "-f", curve.to_str().unwrap()]);
    assert_eq!(Login::key(&house.text("curve")).unwrap_err(), LoginError::Kind);
}

/// Passwords are the system's: the server sees a list of users of its own, by a mount that nobody else sees, which root alone may make.
#[test]
fn a_password_lets_in() {
    let Some(house) = House::open("password") else { return };
    let unshare = ["unshare", "--mount", "--propagation", "private"];
    if house.user != "root" || !program(unshare[0]).args(&unshare[1..]).arg("true").status().is_ok_and(|s| s.success())
    {
        println!("skipped: only root may give the server users of its own");
        return;
    }
    let (at, name) = (house.base.display(), "audiagram-sftp-test");
    let files = house.base.join("files");
    fs::set_permissions(&files, fs::Permissions::from_mode(0o777)).unwrap();
    let with = |of: &str, line: &str| {
        let own = house.base.join(of);
        fs::write(&own, format!("{}{line}\n", fs::read_to_string(format!("/etc/{of}")).unwrap())).unwrap();
        fs::set_permissions(own, fs::Permissions::from_mode(0o644)).unwrap();
    };
    with("passwd", &format!("{name}:x:64999:65534::{}:/bin/false", files.display()));
    // `openssl passwd -6 'correct horse'`
    with(
        "shadow",
        &format!(
            "{name}:$6$wtf2ISfvKE8uoU/7$.UyBpB5icn3dukhaTKXddcpkYfZJuY2Hr/b9Q7fEQgSqKI5DUMLOwSCAfGSbj9zpElVRwfpWHAaZESakUDdla1:20000:0:99999:7:::"
        ),
    );
    let mounts = format!("mount --bind {at}/passwd /etc/passwd && mount --bind {at}/shadow /etc/shadow && exec \"$@\"");
    let before: Vec<String> =
        unshare.iter().map(|word| (*word).to_owned()).chain(["sh", "-c", &mounts, "sh"].map(str::to_owned)).collect();
    let port = serve(house.base.join("config"), before);
    let client = house.client();
    let put = |password: &str| {
        let (at, login) = (Target::server("127.0.0.1", port).unwrap(), Login::Password(password.to_owned()));
        Sftp::new(SftpServer { at, login, user: name.to_owned(), ..house.server() }, &client).put("file", b"here")
    };
    put("correct horse").unwrap();
    assert_eq!(house.text("files/in/reports/file"), "here");
    assert!(matches!(put("wrong horse"), Err(SftpError::Login)));
    // Who is no root is refused where they may not write.
    fs::set_permissions(files.join("in/reports"), fs::Permissions::from_mode(0o500)).unwrap();
    program("chown").arg("root").arg(files.join("in/reports")).status().unwrap();
    assert!(matches!(put("correct horse"), Err(SftpError::Denied)));
}

#[test]
fn what_the_server_cannot_do_leaves_nothing_half() {
    let Some(house) = House::open("half") else { return };
    let client = house.client();
    let sftp = Sftp::new(house.server(), &client);
    // A folder in the place of the file: it is written, and cannot be renamed.
    let taken = house.base.join("files/in/reports/taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    let failed = sftp.put("taken", b"x").unwrap_err();
    assert!(matches!(failed, SftpError::Failed(_)) && failed.may_pass(), "{failed}");
    assert_eq!(fs::read_dir(taken.parent().unwrap()).unwrap().count(), 1, "the file with the other name is gone");
    // Nobody but root may write here; root may everywhere.
    if house.user != "root" {
        fs::set_permissions(&taken, fs::Permissions::from_mode(0o500)).unwrap();
        let denied = sftp.put("taken/file", b"x").unwrap_err();
        assert!(matches!(denied, SftpError::Denied) && !denied.may_pass(), "{denied}");
    }
    // A file in the place of a folder.
    fs::write(house.base.join("files/in/reports/file"), "x").unwrap();
    assert!(sftp.put("file/inner", b"x").is_err());
    sftp.put("after", b"the line is still good").unwrap();
}

#[test]
fn nobody_is_called_who_may_not_be() {
    let Some(house) = House::open("rules") else { return };
    let refused = Sftp::new(house.server(), &client(&[])).put("file", b"x").unwrap_err();
    assert!(matches!(refused, SftpError::Unreachable(_)), "{refused}");
    let depots = Depots { servers: vec!["127.0.0.1".to_owned()], ..Depots::default() };
    let client = house.client();
    let elsewhere = depots.sftp(house.server(), Some(&client)).unwrap_err();
    assert!(elsewhere.to_string().contains(&format!("127.0.0.1:{}", house.port)) && !elsewhere.may_pass());
    assert!(depots.sftp(house.server(), None).is_err());
}

#[test]
fn what_speaks_otherwise_is_no_server() {
    for said in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n\u{0}\u{0}\u{0}\u{7f}garbage", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answering = thread::spawn(move || {
            use std::io::Write as _;
            let (mut line, _) = listener.accept().unwrap();
            line.write_all(said.as_bytes()).unwrap();
        });
        let login = Login::Password("never sent".to_owned());
        let at = Target::server("127.0.0.1", port).unwrap();
        let server = SftpServer { at, user: "u".to_owned(), login, host_key: None, folder: String::new() };
        let failed = Sftp::new(server, &client(&["127.0.0.1"])).put("file", b"x").unwrap_err();
        assert!(matches!(failed, SftpError::Answer), "{said:?}: {failed}");
        answering.join().unwrap();
    }
}

#[test]
fn hosts_are_read_as_in_addresses() {
    for (host, port, name) in [
        ("files.Example.com", 22, "files.example.com"),
        ("[::1]", 2222, "[::1]:2222"),
        ("10.1.2.3", 443, "10.1.2.3:443"),
    ] {
        assert_eq!(named(&Target::server(host, port).unwrap()), name);
    }
    for host in ["", "a/b", "a?b", "a#b", "user@host", "a:1", "::1", "a b", "0x7f.1", "h\u{f6}st"] {
        assert!(Target::server(host, 22).is_err(), "{host}");
    }
    assert!(Target::server("host", 0).is_err());
}

#[test]
fn nothing_secret_is_shown() {
    let server = SftpServer {
        at: Target::server("files.example.com", 22).unwrap(),
        user: "u".to_owned(),
        login: Login::Password("very secret".to_owned()),
        host_key: None,
        folder: String::new(),
    };
    assert!(!format!("{server:?} {:?}", server.login).contains("very secret"));
    for text in ["", "SHA256:", "MD5:aa:bb", &format!("SHA512:{}", "A".repeat(86)), &"A".repeat(43)] {
        assert_eq!(text.parse::<HostKey>(), Err(HostKeyError), "{text}");
    }
}
