//! Where settings come from: built-in defaults, then a file, then the environment, then flags. Each knows its source and meaning.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::config::{Config, Nonsense};

/// Where the file is looked for when none is named.
pub(crate) const PLACE: &str = "/etc/audiagram/audiagram.toml";
/// All keys with their defaults and meanings; what `config show` tells of a key is the comment above it there.
pub(crate) const EXAMPLE: &str = include_str!("../../image/config.example.toml");
/// The most bytes of a configuration file.
const LONGEST: u64 = 1 << 20;

/// Variables of the command line that look like keys and are none.
const FLAGS: [&str; 3] = ["CONFIG", "DATA", "LISTEN"];

/// Keys whose text may be shown to others. What is not here is shown as set or not set.
const SHOWN: [&str; 36] = [
    "data",
    "key",
    "upkeep.backups",
    "upkeep.drill_folder",
    "region",
    "listen.address",
    "listen.names",
    "listen.certificate",
    "listen.certificate_key",
    "audit.syslog",
    "audit.syslog_ca",
    "outbound.ca",
    "exports.folder",
    "exports.s3_hosts",
    "exports.sftp_hosts",
    "query.spill",
    "mail.server",
    "mail.tls",
    "mail.ca",
    "mail.password_file",
    "mail.from",
    "mail.link",
    "log.filter",
    "language_model.url",
    "language_model.model",
    "language_model.key_file",
    "language_model.ca",
    "jobs.work",
    "jobs.sandbox",
    "jobs.rasterizer",
    "jobs.encoder",
    "metrics.listen",
    "traces.collector",
    "postgres.listen",
    "outbound.allow",
    "outbound.ports",
];

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is too large to be one.
    #[error("the configuration {0} is larger than 1 MiB")]
    Large(PathBuf),
    /// The file says something that makes no sense.
    #[error("{path}: {message}")]
    File {
        /// Which.
        path: PathBuf,
        /// Line, column and what is wrong.
        message: String,
    },
    /// A variable of the environment says something that makes no sense.
    #[error("{variable} in the environment: {message}")]
    Variable {
        /// Which.
        variable: String,
        /// What is wrong.
        message: String,
    },
    /// Settings that contradict each other.
    #[error(transparent)]
    Nonsense(#[from] Nonsense),
}

/// Where a setting was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: it is as built in.
    Default,
    /// In the file.
    File,
    /// In this variable of the environment.
    Environment(String),
    /// On the command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File => f.write_str("file"),
            Source::Environment(variable) => f.write_str(variable),
            Source::Flag => f.write_str("flag"),
        }
    }
}

/// A key and what is known of it.
#[derive(Debug)]
pub(crate) struct Setting {
    /// With dots between sections, like `listen.address`.
    pub(crate) key: String,
    /// Its value as it may be shown.
    pub(crate) value: Value,
    /// What it is where nothing is said, as it may be shown; `null` for nothing.
    pub(crate) default: Value,
    /// Whether its value is another than that.
    pub(crate) differs: bool,
    /// Where it was made.
    pub(crate) source: Source,
    /// What it means.
    pub(crate) meaning: String,
}

impl Setting {
    /// Whether it is not as built in.
    pub(crate) fn is_changed(&self) -> bool {
        self.source != Source::Default
    }
}

/// The settings and where each comes from.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The settings themselves.
    pub(crate) config: Config,
    /// The file, if there is one.
    pub(crate) file: Option<PathBuf>,
    sources: BTreeMap<String, Source>,
}

impl Settings {
    /// Reads `path`, or the usual place if there is a file, and the variables of `environment`.
    ///
    /// # Errors
    /// When one of them says something that makes no sense.
    pub(crate) fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let usual = Path::new(PLACE);
        let file = path.or_else(|| usual.exists().then_some(usual));
        let (mut tree, mut sources) = (Map::new(), BTreeMap::new());
        if let Some(path) = file {
            let wrong = |message: String| SettingsError::File { path: path.to_owned(), message };
            let text = read(path)?;
            // Read as what it must be, so that an error names its line; then as a tree, to be laid over the defaults.
            toml::from_str::<Config>(&text).map_err(|e| wrong(e.to_string()))?;
            tree = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
            for key in leaves(&tree) {
                sources.insert(key.0, Source::File);
            }
        }
        let known = defaults();
        for (variable, text) in environment {
            let Some(name) = variable.strip_prefix("AUDIAGRAM_") else { continue };
            let key = name.to_ascii_lowercase().replace("__", ".");
            let Some(default) = known.get(&key) else {
                if key.contains('.') {
                    let message = "there is no such setting; `audiagram config show` lists them".to_owned();
                    return Err(SettingsError::Variable { variable, message });
                }
                continue;
            };
            // `--data` and the like read these themselves.
            if FLAGS.contains(&name) {
                continue;
            }
            put(&mut tree, &key, typed(&text, default));
            if let Err(error) = serde_json::from_value::<Config>(Value::Object(tree.clone())) {
                return Err(SettingsError::Variable { variable, message: error.to_string() });
            }
            sources.insert(key, Source::Environment(variable));
        }
        let config: Config = serde_json::from_value(Value::Object(tree))
            .map_err(|e| SettingsError::File { path: file.unwrap_or(usual).to_owned(), message: e.to_string() })?;
        config.check()?;
        Ok(Settings { config, file: file.map(Path::to_owned), sources })
    }

    /// Remembers that a flag made this setting.
    pub(crate) fn by_flag(&mut self, key: &str) {
        self.sources.insert(key.to_owned(), Source::Flag);
    }

    /// Settings that nothing was said about but in a test.
    #[cfg(test)]
    pub(crate) fn of(config: Config) -> Self {
        Settings { config, file: None, sources: BTreeMap::new() }
    }

    /// Whether `now` says something else, but for what flags have made here.
    pub(crate) fn says_else(&self, now: &Settings) -> bool {
        let said = |settings: &Settings| -> BTreeMap<String, Value> {
            let mut all: BTreeMap<_, _> = settings.tree().into_iter().collect();
            all.retain(|key, _| self.sources.get(key) != Some(&Source::Flag));
            all
        };
        said(self) != said(now)
    }

    fn tree(&self) -> Vec<(String, Value)> {
        match serde_json::to_value(&self.config) {
            Ok(Value::Object(tree)) => leaves(&tree),
            _ => Vec::new(),
        }
    }

    /// Every key, as it may be shown to others.
    pub(crate) fn all(&self) -> Vec<Setting> {
        let (meanings, defaults) = (meanings(), defaults());
        let default = |key: &str| defaults.get(key).cloned().unwrap_or_default();
        let setting = |(key, value): (String, Value)| Setting {
            differs: value != default(&key),
            default: shown(&key, default(&key)),
            value: shown(&key, value),
            source: self.sources.get(&key).cloned().unwrap_or(Source::Default),
            meaning: meanings.get(&key).cloned().unwrap_or_default(),
            key,
        };
        self.tree().into_iter().map(setting).collect()
    }
}

fn read(path: &Path) -> Result<String, SettingsError> {
    let failed = |source| SettingsError::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > LONGEST {
        return Err(SettingsError::Large(path.to_owned()));
    }
    std::fs::read_to_string(path).map_err(failed)
}

/// Numbers and switches are no secrets; texts are shown if they are known to be none.
fn shown(key: &str, value: Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        Value::Object(_) => value,
        value if SHOWN.contains(&key) => value,
        _ => Value::from("(set)"),
    }
}

/// Every key with its default; `null` where there is none.
pub(crate) fn defaults() -> BTreeMap<String, Value> {
    match serde_json::to_value(Config::default()) {
        Ok(Value::Object(tree)) => leaves(&tree).into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

fn leaves(tree: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in tree {
        match value {
            // An empty section whose keys are names of the operator's own is a leaf.
            Value::Object(inner) if !inner.is_empty() => {
                found.extend(leaves(inner).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
}

fn put(tree: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            tree.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = tree.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// A variable's text as the kind of value that the default is; lists are separated by commas.
fn typed(text: &str, default: &Value) -> Value {
    match default {
        Value::Array(_) => {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>().into()
        }
        Value::Bool(_) | Value::Number(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        _ => Value::from(text),
    }
}

/// The comment above each key of the example.
fn meanings() -> BTreeMap<String, String> {
    let (mut found, mut section, mut said) = (BTreeMap::new(), String::new(), Vec::new());
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
            said.clear();
        } else if let Some(comment) = line.strip_prefix("# ") {
            said.push(comment);
        } else if let Some((name, _)) = line.trim_start_matches('#').split_once(" = ") {
            found.insert(format!("{section}{name}"), said.join(" "));
            said.clear();
        } else {
            said.clear();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        std::fs::write(&path, text).unwrap();
        let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::load(Some(&path), variables)
    }

    fn check(text: &str, environment: &[(&str, &str)], expected: Result<(), &str>) {
        match (load(text, environment), expected) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (loaded, expected) => panic!("{text} {environment:?}: {loaded:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn files() {
        check("", &[], Ok(()));
        let text = "region = 'jp'\n[listen]\naddress = '127.0.0.1:0'\nnames = ['a.example']\n[store]\nmax_open = 16\n";
        check(text, &[], Ok(()));
        check("regoin = 'jp'", &[], Err("regoin"));
        check("region = 'JAPAN'", &[], Err("region"));
        check("[listen]\nnames = []", &[], Err("at least one name"));
        check("[listen]\ncertificate = 'a.pem'", &[], Err("together"));
        check("[listen]\naddress = 'here'", &[], Err("address"));
        check("[audit]\nsyslog = 'collector.example:6514'", &[], Ok(()));
        for place in ["collector.example", ":6514", "collector.example:syslog"] {
            check(&format!("[audit]\nsyslog = '{place}'"), &[], Err("collector.example:6514"));
        }
    }

    #[test]
    fn variables() {
        check("", &[("AUDIAGRAM_STORE__MAX_OPNE", "3")], Err("AUDIAGRAM_STORE__MAX_OPNE"));
        check("", &[("AUDIAGRAM_STORE__MAX_OPEN", "many")], Err("AUDIAGRAM_STORE__MAX_OPEN"));
        check("", &[("AUDIAGRAM_LISTEN__NAMES", " , ")], Err("at least one name"));
        check("", &[("AUDIAGRAM_MODELS", "/models"), ("AUDIAGRAM_LISTEN", "x"), ("HOME", "/")], Ok(()));
    }

    #[test]
    fn the_environment_goes_before_the_file_and_each_key_knows_its_source() {
        let variables = [
            ("AUDIAGRAM_STORE__MAX_OPEN", "7"),
            ("AUDIAGRAM_LISTEN__NAMES", "a.example, b.example"),
            ("AUDIAGRAM_IDENTITY__SESSIONS__IDLE_S", "60"),
        ];
        let settings = load("region = 'jp'\n[store]\nmax_open = 16\n", &variables).unwrap();
        let config = &settings.config;
        assert_eq!((config.store.max_open, config.identity.sessions.idle_s), (7, 60));
        assert_eq!(config.listen.names, ["a.example", "b.example"]);
        let all = settings.all();
        let source = |key: &str| all.iter().find(|setting| setting.key == key).unwrap().source.to_string();
        assert_eq!(source("store.max_open"), "AUDIAGRAM_STORE__MAX_OPEN");
        assert_eq!((source("region").as_str(), source("data").as_str()), ("file", "default"));
        let told = |key: &str| {
            let setting = all.iter().find(|setting| setting.key == key).unwrap();
            (setting.value.clone(), setting.default.clone(), setting.differs)
        };
        assert_eq!(told("store.max_open"), (7.into(), Config::default().store.max_open.into(), true));
        assert_eq!(told("region"), ("jp".into(), "eu".into(), true));
        assert_eq!(told("http.idle_s"), (120.into(), 120.into(), false));
    }

    #[test]
    fn what_has_changed_since_the_start_is_seen() {
        let at_start = || load("region = 'jp'", &[]).unwrap();
        assert!(!at_start().says_else(&at_start()));
        let now = load("region = 'us'", &[]).unwrap();
        assert!(at_start().says_else(&now));
        // What a flag has made stays what it is.
        let mut flagged = at_start();
        flagged.by_flag("region");
        assert!(!flagged.says_else(&now));
    }

    #[test]
    fn the_example_holds_every_key_with_its_default_and_meaning() {
        let meanings = meanings();
        // What is commented out has no default; with it in place the example must still be read.
        let text: String =
            EXAMPLE.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        let tree: Map<String, Value> = toml::from_str(&text).unwrap();
        let given: BTreeMap<String, Value> = leaves(&tree).into_iter().collect();
        for (key, default) in defaults() {
            let meaning = meanings.get(&key).unwrap_or_else(|| panic!("{key} is not in image/config.example.toml"));
            assert!(!meaning.is_empty(), "{key} has no comment in image/config.example.toml");
            // As many as there are cores.
            if key != "identity.passwords.at_once" {
                assert_eq!(given.get(&key).cloned().unwrap_or_default(), default, "the default of {key} is another");
            }
        }
        for key in meanings.keys() {
            assert!(defaults().contains_key(key), "{key} of image/config.example.toml is no setting");
        }
        let optional: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        toml::from_str::<Config>(&optional).unwrap();
    }

    #[test]
    fn texts_are_shown_only_if_they_are_known_to_be_harmless() {
        assert_eq!(shown("mail.password", Value::from("x")), "(set)");
        assert_eq!(shown("mail.hosts", Value::from(vec!["user:pass@host"])), "(set)");
        assert_eq!(shown("region", Value::from("eu")), "eu");
    }
}
