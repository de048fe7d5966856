//! Queries in steps: parsed, bound, described, executed; and what a session does without the engine.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    command::Command,
    connection::Connection,
    fault::Fault,
    kind::PgType,
    message::{Binding, Message, Named},
    parameter,
    portal::{Portal, State},
    prepared::Prepared,
    reply::{Field, Standing},
    split,
};

/// What a session's own words answer with: columns of text, and rows.
type Told = (Vec<&'static str>, Vec<Vec<String>>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    pub(super) async fn extended(&mut self, message: Message) -> Result<(), Fault> {
        match message {
            Message::Parse { name, sql, types } => self.parse(name, &sql, types).await,
            Message::Bind(binding) => self.bind(binding),
            Message::Describe(named) => self.describe(&named),
            Message::Execute { portal, rows } => self.execute(&portal, rows).await,
            Message::Close(named) => {
                match &named {
                    Named::Statement(name) => self.statements.remove(name),
                    Named::Portal(name) => self.portals.remove(name),
                };
                self.line.replies.closed();
                Ok(())
            }
            _ => Err(Fault::last("08P01", "this message does not belong here")),
        }
    }

    async fn parse(&mut self, name: String, sql: &str, named: Vec<u32>) -> Result<(), Fault> {
        let mut statements = split::statements(sql);
        if statements.len() > 1 {
            return Err(Fault::new("42601", "cannot insert multiple commands into a prepared statement"));
        }
        let sql = statements.pop().unwrap_or_default();
        let command = Command::of(sql);
        self.check_standing(&command)?;
        let query = match &command {
            Command::Question => Some(sql),
            Command::Copy { query, .. } | Command::Declare { query, .. } => Some(query.as_str()),
            _ => None,
        };
        let query = query.map(str::to_owned);
        let planned = match &query {
            Some(query) => Some(self.plan(query, &named).await?),
            None => None,
        };
        let query = query.unwrap_or_default();
        let mut prepared = Prepared::of(command, query, named, planned.as_ref());
        if prepared.fields.is_none() {
            prepared.fields = self.told_fields(&prepared.command);
        }
        let prepared = self.statements.put(name, prepared)?;
        self.fresh = planned.map(|planned| (prepared, planned));
        self.line.replies.parsed();
        Ok(())
    }

    fn bind(&mut self, binding: Binding) -> Result<(), Fault> {
        let prepared = self.statements.get(&binding.statement)?;
        if binding.values.len() != prepared.types.len() {
            let (given, wanted) = (binding.values.len(), prepared.types.len());
            let text = format!("bind message supplies {given} parameters, but the statement requires {wanted}");
            return Err(Fault::new("08P01", text));
        }
        let values: Result<Vec<ScalarValue>, Fault> = binding
            .values
            .iter()
            .zip(&prepared.types)
            .enumerate()
            .map(|(at, (bytes, kind))| parameter::value(at + 1, *kind, bytes.as_deref(), chosen(&binding.formats, at)?))
            .collect();
        let fields = prepared.fields.as_ref().map(|fields| {
            let field =
                |(at, field): (usize, &Field)| Ok(Field { binary: chosen(&binding.columns, at)?, ..field.clone() });
            fields.iter().enumerate().map(field).collect::<Result<Vec<_>, Fault>>()
        });
        let portal = Portal { prepared, values: values?, fields: fields.transpose()?, state: State::Waiting };
        self.portals.put(binding.portal, portal)?;
        self.line.replies.bound();
        Ok(())
    }

    fn describe(&mut self, named: &Named) -> Result<(), Fault> {
        let fields = match named {
            Named::Statement(name) => {
                let prepared = self.statements.get(name)?;
                self.line.replies.parameters(&prepared.oids);
                prepared.fields.clone()
            }
            Named::Portal(name) => self.portals.get(name)?.fields.clone(),
        };
        match fields {
            Some(fields) => self.line.replies.fields(&fields),
            None => self.line.replies.no_data(),
        }
        Ok(())
    }

    async fn execute(&mut self, name: &str, rows: usize) -> Result<(), Fault> {
        let portal = self.portals.get(name)?;
        let prepared = portal.prepared.clone();
        self.check_standing(&prepared.command)?;
        match &prepared.command {
            Command::Empty => {
                self.line.replies.empty();
                Ok(())
            }
            Command::Question | Command::Copy { .. } => self.run(name, rows, true).await.map(drop),
            command => {
                let values = portal.values.clone();
                self.local(command, false, &values).await
            }
        }
    }

    /// The columns with which a word between client and session is answered.
    fn told_fields(&self, command: &Command) -> Option<Vec<Field>> {
        match command {
            Command::Show(name) => Some(vec![plain(name)]),
            Command::ShowAll => Some(SHOW_ALL.map(plain).into()),
            Command::Fetch { name, .. } => self.portals.get(name).ok()?.fields.clone(),
            _ => None,
        }
    }

    /// Does what needs no engine. Its columns are named where nobody asked for them before.
    pub(super) async fn local(&mut self, command: &Command, names: bool, values: &[ScalarValue]) -> Result<(), Fault> {
        let mut told: Option<Told> = None;
        let tag = match command {
            Command::Empty => {
                self.line.replies.empty();
                return Ok(());
            }
            Command::Begin => {
                self.standing = Standing::Within;
                "BEGIN".to_owned()
            }
            Command::Commit | Command::Rollback => {
                let failed = self.standing == Standing::Failed;
                self.standing = Standing::Idle;
                self.portals.clear();
                if failed || *command == Command::Rollback { "ROLLBACK" } else { "COMMIT" }.to_owned()
            }
            Command::Place(tag) => {
                // Before the place at which it was kept nothing had failed.
                if *tag == "ROLLBACK" && self.standing == Standing::Failed {
                    self.standing = Standing::Within;
                }
                (*tag).to_owned()
            }
            Command::Set { name, value } => {
                self.settings.set(name, value.as_deref())?;
                if name == "application_name" {
                    let value = self.settings.show(name)?;
                    self.line.replies.parameter("application_name", &value);
                }
                if value.is_some() { "SET" } else { "RESET" }.to_owned()
            }
            Command::Show(name) => {
                let value = self.settings.show(name)?;
                if names {
                    self.line.replies.fields(&[plain(name)]);
                }
                told = Some((Vec::new(), vec![vec![value]]));
                "SHOW".to_owned()
            }
            Command::ShowAll => {
                let all = self.settings.all().into_iter();
                told = Some((SHOW_ALL.to_vec(), all.map(|(name, value)| vec![name, value, String::new()]).collect()));
                "SHOW".to_owned()
            }
            Command::ResetAll => {
                self.settings.reset();
                "RESET".to_owned()
            }
            Command::Discard(what) => {
                if *what == "ALL" {
                    if self.standing != Standing::Idle {
                        return Err(Fault::new("25001", "DISCARD ALL cannot run inside a transaction block"));
                    }
                    self.statements.clear();
                    self.portals.clear();
                    self.settings.reset();
                }
                format!("DISCARD {what}")
            }
            Command::Deallocate(name) => {
                match name {
                    None => self.statements.clear(),
                    Some(name) if self.statements.remove(name) => {}
                    Some(name) => return Err(Fault::unknown("prepared statement", name)),
                }
                if name.is_none() { "DEALLOCATE ALL" } else { "DEALLOCATE" }.to_owned()
            }
            Command::CloseCursor(name) => {
                match name {
                    None => self.portals.clear(),
                    Some(name) if self.portals.remove(name) => {}
                    Some(name) => return Err(Fault::unknown("cursor", name)),
                }
                if name.is_none() { "CLOSE CURSOR ALL" } else { "CLOSE CURSOR" }.to_owned()
            }
            Command::Unlisten => "UNLISTEN".to_owned(),
            Command::Declare { name, query } => {
                self.declare(name, query, values).await?;
                "DECLARE CURSOR".to_owned()
            }
            Command::Fetch { name, count } => return self.fetch(name, *count, names).await,
            Command::Question | Command::Copy { .. } => return Err(Fault::new("XX000", "this is for the engine")),
        };
        if let Some((columns, rows)) = told {
            if names && !columns.is_empty() {
                self.line.replies.fields(&columns.iter().map(|name| plain(name)).collect::<Vec<_>>());
            }
            for row in rows {
                self.line.replies.row(row.len(), |out| row.iter().for_each(|value| put_text(value, out)));
            }
        }
        self.line.replies.complete(&tag);
        Ok(())
    }

    /// Opens a cursor: a portal that is read in parts.
    async fn declare(&mut self, name: &str, query: &str, values: &[ScalarValue]) -> Result<(), Fault> {
        if self.standing == Standing::Idle {
            return Err(Fault::new("25P01", "DECLARE CURSOR can only be used in transaction blocks"));
        }
        let planned = self.plan(query, &[]).await?;
        let prepared = Arc::new(Prepared::of(Command::Question, query.to_owned(), Vec::new(), Some(&planned)));
        if planned.parameters.len() != values.len() {
            return Err(Fault::new("42P02", "there is no parameter $1"));
        }
        let fields = prepared.fields.clone();
        let running = self.start(planned, values.to_vec())?;
        let state = State::Running(running);
        self.portals.put(name.to_owned(), Portal { prepared, values: Vec::new(), fields, state })
    }

    async fn fetch(&mut self, name: &str, count: Option<usize>, names: bool) -> Result<(), Fault> {
        let portal = self.portals.get(name).map_err(|_| Fault::unknown("cursor", name))?;
        if names {
            self.line.replies.fields(portal.fields.as_deref().unwrap_or_default());
        }
        let rows = match count {
            Some(0) => 0,
            count => self.run(name, count.unwrap_or_default(), false).await?,
        };
        self.line.replies.complete(&format!("FETCH {rows}"));
        Ok(())
    }
}

const SHOW_ALL: [&str; 3] = ["name", "setting", "description"];

fn plain(name: &str) -> Field {
    Field { name: name.to_owned(), kind: PgType::TEXT, modifier: -1, binary: false }
}

fn put_text(text: &str, out: &mut bytes::BytesMut) {
    use bytes::BufMut as _;
    out.put_i32(i32::try_from(text.len()).unwrap_or_default());
    out.put_slice(text.as_bytes());
}

/// Whether the value or column at a place is binary.
fn chosen(formats: &[bool], at: usize) -> Result<bool, Fault> {
    match formats {
        [] => Ok(false),
        [all] => Ok(*all),
        each => each.get(at).copied().ok_or_else(|| Fault::new("08P01", "there are too few formats")),
    }
}
