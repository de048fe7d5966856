//! A connection that is signed in: its messages in turn, and what they do.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use super::{
    bell::Hung,
    catalog::Furnishing,
    command::{Command, CopyForm},
    copy,
    fault::Fault,
    house::Guest,
    message::{self, LONGEST, Message},
    portal::{Portal, Portals, Rows, Running, State},
    prepared::{Prepared, Shelf, fields},
    reply::{Field, Replies, Standing},
    settings::Settings,
    split,
    value::Column,
};
use crate::{
    Engine,
    asked::{Deadline, Planned},
};

/// How long a client may take nothing of what it is sent.
const STALL: Duration = Duration::from_secs(120);
/// Bytes that are sent together.
const PIECE: usize = 64 << 10;
/// Rows between two looks at what else there is to do.
const TURN: usize = 512;

/// The two directions of a connection.
#[derive(Debug)]
pub(super) struct Line<S> {
    pub(super) stream: S,
    pub(super) input: BytesMut,
    pub(super) replies: Replies,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub(super) fn new(stream: S) -> Self {
        Line { stream, input: BytesMut::new(), replies: Replies::default() }
    }

    /// The next message; nothing when the client has gone.
    pub(super) async fn message(&mut self, longest: usize, patience: Duration) -> Result<Option<Message>, Fault> {
        loop {
            if let Some(message) = message::next(&mut self.input, longest)? {
                return Ok(Some(message));
            }
            self.flush().await?;
            let read = timeout(patience, self.stream.read_buf(&mut self.input)).await;
            match read {
                Err(_) => return Err(Fault::last("57P05", "the connection was idle for too long")),
                Ok(Err(_) | Ok(0)) => return Ok(None),
                Ok(Ok(_)) => {}
            }
        }
    }

    /// Sends what waits.
    pub(super) async fn flush(&mut self) -> Result<(), Fault> {
        if self.replies.0.is_empty() {
            return Ok(());
        }
        let gone = || Fault::last("08006", "the client takes nothing");
        let (stream, bytes) = (&mut self.stream, &self.replies.0);
        let sent = timeout(STALL, async {
            stream.write_all(bytes).await?;
            stream.flush().await
        });
        sent.await.map_err(|_| gone())?.map_err(|_| gone())?;
        self.replies.0.clear();
        Ok(())
    }

    /// Waits for something, unless the client goes meanwhile. What it sends is kept for later.
    async fn unless_gone<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Fault> {
        let mut work = pin!(work);
        while self.input.len() < LONGEST {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                read = self.stream.read_buf(&mut self.input) => if !matches!(read, Ok(1..)) {
                    return Err(Fault::last("08006", "the client has gone"));
                },
            }
        }
        Ok(work.await)
    }
}

/// A session.
pub(super) struct Connection<S> {
    pub(super) line: Line<S>,
    pub(super) guest: Box<dyn Guest>,
    pub(super) engine: Arc<Engine>,
    pub(super) hung: Hung,
    pub(super) settings: Settings,
    /// What the session's own names are: database, user.
    pub(super) names: [String; 2],
    pub(super) statements: Shelf,
    pub(super) portals: Portals,
    pub(super) standing: Standing,
    /// What was planned last and did not run yet: it is what the statement's first run takes.
    pub(super) fresh: Option<(Arc<Prepared>, Planned)>,
    pub(super) idle: Duration,
}

/// How rows are sent.
#[derive(Debug, Clone, Copy)]
enum Way {
    Rows,
    Copy(CopyForm),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Serves the session to its end.
    ///
    /// # Errors
    /// What ends it before the client does.
    pub(super) async fn serve(&mut self) -> Result<(), Fault> {
        self.line.replies.ready(self.standing);
        // After an error nothing is done until the client says where its next thought begins.
        let mut skips = false;
        while let Some(message) = self.line.message(LONGEST, self.idle).await? {
            self.hung.bell.hush();
            let done = match message {
                Message::Terminate => return Ok(()),
                Message::Sync => {
                    skips = false;
                    self.fresh = None;
                    self.settle();
                    self.line.replies.ready(self.standing);
                    Ok(())
                }
                _ if skips => Ok(()),
                Message::Query(text) => {
                    let done = self.query(&text).await;
                    if let Err(fault) = done {
                        self.fail(&fault)?;
                    }
                    self.fresh = None;
                    self.settle();
                    self.line.replies.ready(self.standing);
                    Ok(())
                }
                Message::Flush => self.line.flush().await,
                // What belongs to a copy that was refused.
                Message::Copy => Ok(()),
                Message::Password(_) => Err(Fault::last("08P01", "nobody asked for a password")),
                message => self.extended(message).await,
            };
            if let Err(fault) = done {
                self.fail(&fault)?;
                skips = true;
            }
        }
        Ok(())
    }

    /// Says what went wrong.
    fn fail(&mut self, fault: &Fault) -> Result<(), Fault> {
        if fault.is_last {
            return Err(fault.clone());
        }
        self.line.replies.fault(fault);
        if self.standing == Standing::Within {
            self.standing = Standing::Failed;
        }
        Ok(())
    }

    /// What is over when no transaction is open.
    fn settle(&mut self) {
        if self.standing == Standing::Idle {
            self.portals.clear();
        }
    }

    /// All statements of a text, up to the first that fails.
    async fn query(&mut self, text: &str) -> Result<(), Fault> {
        let statements = split::statements(text);
        if statements.is_empty() {
            self.line.replies.empty();
        }
        for statement in statements {
            let command = Command::of(statement);
            self.check_standing(&command)?;
            match command {
                Command::Question | Command::Copy { .. } => {
                    let (query, way) = match &command {
                        Command::Copy { query, form } => (query.as_str(), Way::Copy(*form)),
                        _ => (statement, Way::Rows),
                    };
                    let planned = self.plan(query, &[]).await?;
                    if !planned.parameters.is_empty() {
                        return Err(Fault::new("42P02", "there is no parameter $1"));
                    }
                    let fields = fields(&planned);
                    match way {
                        Way::Rows => self.line.replies.fields(&fields),
                        Way::Copy(form) => copy::begin(form, &fields, &mut self.line.replies),
                    }
                    let mut running = self.start(planned, Vec::new())?;
                    let (rows, _) = self.send(&mut running, &fields, 0, way).await?;
                    self.complete(statement, way, rows);
                }
                command => self.local(&command, true, &[]).await?,
            }
        }
        Ok(())
    }

    /// In a failed transaction only its end is understood.
    pub(super) fn check_standing(&self, command: &Command) -> Result<(), Fault> {
        let ends = matches!(command, Command::Commit | Command::Rollback | Command::Place("ROLLBACK") | Command::Empty);
        if self.standing == Standing::Failed && !ends {
            let text = "current transaction is aborted, commands ignored until end of transaction block";
            return Err(Fault::new("25P02", text));
        }
        Ok(())
    }

    fn complete(&mut self, statement: &str, way: Way, rows: u64) {
        let tag = match way {
            Way::Copy(form) => {
                copy::end(form, &mut self.line.replies);
                format!("COPY {rows}")
            }
            Way::Rows if statement.trim_start().get(..7).is_some_and(|word| word.eq_ignore_ascii_case("explain")) => {
                "EXPLAIN".to_owned()
            }
            Way::Rows => format!("SELECT {rows}"),
        };
        self.line.replies.complete(&tag);
    }

    /// Plans a question, whose parameters have the types that the client named.
    pub(super) async fn plan(&mut self, query: &str, named: &[u32]) -> Result<Planned, Fault> {
        // What was planned before and never run gives its place back first.
        self.fresh = None;
        let deadline = Deadline::after(self.settings.timeout());
        let [database, user] = self.names.clone();
        let furnishing = Furnishing {
            database,
            user,
            process: self.hung.process,
            named: named.to_vec(),
            settings: self.settings.all(),
        };
        let work = async {
            let question = self.guest.question(query.to_owned()).await?;
            Ok(self.engine.plan(question, furnishing, deadline).await?)
        };
        self.hung.bell.or(self.line.unless_gone(work)).await??
    }

    /// Runs what was planned.
    pub(super) fn start(
        &mut self,
        planned: Planned,
        values: Vec<datafusion::common::ScalarValue>,
    ) -> Result<Running, Fault> {
        let deadline = Deadline::after(self.settings.timeout());
        Ok(Running { batches: self.engine.run(planned, values, deadline)?, rows: None })
    }

    /// Sends so many rows, or all for 0: how many there were, and whether these were all.
    async fn send(
        &mut self,
        running: &mut Running,
        fields: &[Field],
        most: usize,
        way: Way,
    ) -> Result<(u64, bool), Fault> {
        let mut sent = 0;
        loop {
            if running.rows.is_none() {
                let next = self.hung.bell.or(self.line.unless_gone(running.batches.next())).await??;
                let Some(batch) = next.transpose()? else { return Ok((sent as u64, true)) };
                let columns = batch.columns().iter().zip(fields);
                let binary = |field: &Field| field.binary || matches!(way, Way::Copy(CopyForm::Binary));
                let columns: Result<Vec<_>, Fault> =
                    columns.map(|(values, field)| Column::new(values, field.kind, binary(field))).collect();
                running.rows = Some(Rows { columns: columns?, count: batch.num_rows(), at: 0 });
            }
            let Some(rows) = &mut running.rows else { continue };
            let left = if most == 0 { usize::MAX } else { most - sent };
            let end = rows.count.min(rows.at.saturating_add(left.min(TURN)));
            for row in rows.at..end {
                self.put(rows, row, way)?;
            }
            sent += end - rows.at;
            rows.at = end;
            if rows.at == rows.count {
                running.rows = None;
            }
            if self.line.replies.0.len() >= PIECE {
                // A statement that is stopped while its client takes nothing is stopped all the same.
                self.hung.bell.or(self.line.flush()).await??;
            }
            if most > 0 && sent >= most {
                return Ok((sent as u64, false));
            }
            tokio::task::yield_now().await;
        }
    }

    fn put(&mut self, rows: &Rows, row: usize, way: Way) -> Result<(), Fault> {
        let replies = &mut self.line.replies;
        match way {
            Way::Copy(form) => copy::row(form, &rows.columns, row, replies),
            Way::Rows => {
                let mut done = Ok(());
                let before = replies.0.len();
                replies.row(rows.columns.len(), |out| {
                    done = rows.columns.iter().try_for_each(|column| column.put(row, out));
                });
                // Half a row is none.
                done.inspect_err(|_| replies.0.truncate(before))
            }
        }
    }

    /// Runs a portal: sends so many rows, or all for 0.
    pub(super) async fn run(&mut self, name: &str, most: usize, as_rows: bool) -> Result<u64, Fault> {
        let mut portal = self.portals.take(name)?;
        let done = self.advance(&mut portal, most, as_rows).await;
        if done.is_err() {
            portal.state = State::Done;
        }
        self.portals.put_back(name.to_owned(), portal);
        done
    }

    async fn advance(&mut self, portal: &mut Portal, most: usize, as_rows: bool) -> Result<u64, Fault> {
        let way = match portal.prepared.command {
            Command::Copy { form, .. } => Way::Copy(form),
            _ => Way::Rows,
        };
        if let State::Waiting = portal.state {
            let planned = match self.fresh.take() {
                Some((prepared, planned)) if Arc::ptr_eq(&prepared, &portal.prepared) => planned,
                _ => {
                    let prepared = portal.prepared.clone();
                    self.plan(&prepared.query, &prepared.named).await?
                }
            };
            // The tables may have changed since the client was told what would come.
            let found = fields(&planned);
            let told = portal.fields.get_or_insert_with(|| found.clone());
            let same =
                told.len() == found.len() && told.iter().zip(&found).all(|(told, found)| told.kind == found.kind);
            if !same {
                return Err(Fault::new("0A000", "cached plan must not change result type"));
            }
            if let Way::Copy(form) = way {
                copy::begin(form, told, &mut self.line.replies);
            }
            let values = portal.values.clone();
            portal.state = State::Running(self.start(planned, values)?);
        }
        let fields = portal.fields.clone().unwrap_or_default();
        let (rows, ended) = match &mut portal.state {
            State::Running(running) => self.send(running, &fields, most, way).await?,
            State::Done | State::Waiting => (0, true),
        };
        if ended {
            portal.state = State::Done;
        }
        if as_rows && ended {
            let query = portal.prepared.query.clone();
            self.complete(&query, way, rows);
        } else if as_rows {
            self.line.replies.suspended();
        }
        Ok(rows)
    }
}
