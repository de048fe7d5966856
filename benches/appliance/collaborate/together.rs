//! All are connected: how long until the others have an edit.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{task::LocalSet, time::sleep_until};

use super::{Collaborate, desk, desk::Desk};
use crate::{
    Done,
    client::Target,
    draw::Random,
    editor::{Editor, Heard},
    machine, runtime,
    server::Server,
    tally::Tally,
    throughput::Bare,
};

/// What counts as never having come.
const GRACE: Duration = Duration::from_secs(30);

/// How often it is looked whether all has come.
const LOOK: Duration = Duration::from_millis(50);

/// Edits by who made them: the own clock after each, and when it was to be made.
type Made = Rc<RefCell<BTreeMap<u64, Vec<(u32, Instant)>>>>;

impl Collaborate {
    pub(super) fn together(&self, desk: &Desk, server: &Server, relay: &Bare) -> Done {
        let ours = server.target(false)?;
        let bare = Target::new(relay.address, server.certificate(), false)?;
        let mut p95 = [Vec::new(), Vec::new()];
        for turn in 0..self.turns {
            for (row, name, target, room) in [(0, "appliance", &ours, true), (1, "relay", &bare, false)] {
                let before = machine::used(if room { server.process() } else { relay.process() })?;
                let tally =
                    runtime()?.block_on(LocalSet::new().run_until(self.turn(desk, &ours, target, room, turn)))?;
                let used = machine::used(if room { server.process() } else { relay.process() })? - before;
                tally.print(name);
                println!("  processor time of the server: {:.2} s of {} s", used.as_secs_f64(), self.seconds);
                p95[row].push(tally.percentile(0.95));
            }
        }
        let [ours, bare] = p95.map(|mut turns| {
            turns.sort_unstable_by(f64::total_cmp);
            turns[turns.len() / 2]
        });
        println!(
            "p95 of an edit's way to the others: {ours:.1} ms, by the relay {bare:.1} ms: {:.2} times",
            ours / bare
        );
        machine::bar("p95 of an edit's way to the others", ours, "ms", 200.0, false);
        Ok(())
    }

    /// Takes the role from some of those who are connected; how long until the last of them is out.
    pub(super) fn revoke(&self, desk: &mut Desk, server: &Server) -> Done {
        let target = server.target(false)?;
        let (count, took) = runtime()?.block_on(async {
            let mut editors = Vec::new();
            for number in 0..self.editors {
                let mut editor = Editor::new(None)?;
                editor.join(&target, &desk.path(), desk.cookie(number)).await?;
                desk::settle(&mut editor).await?;
                editors.push(editor);
            }
            desk.revoke_first(&target).await?;
            let since = Instant::now();
            let out: Vec<&mut Editor> = editors.iter_mut().step_by(desk.people()).collect();
            let count = out.len();
            for editor in out {
                loop {
                    match editor.hear().await? {
                        Heard::End(Some(4_401)) => break,
                        Heard::End(code) => {
                            return Err(format!("who has lost the role is sent away with {code:?}").into());
                        }
                        _ => {}
                    }
                }
            }
            Done::Ok((count, since.elapsed()))
        })?;
        println!("{count} connections of one who has lost the role, of {} in the room", self.editors);
        machine::bar("out after losing the role, the last of them", took.as_secs_f64() * 1e3, "ms", 1_000.0, false);
        desk.dismiss_first();
        Ok(())
    }

    async fn turn(&self, desk: &Desk, ours: &Target, target: &Target, room: bool, turn: usize) -> Done<Tally> {
        let mut editors = Vec::new();
        let mut whole = Editor::new(None)?;
        if !room {
            // The relay has no document: all begin with that of the appliance.
            whole.join(ours, &desk.path(), desk.cookie(0)).await?;
            desk::settle(&mut whole).await?;
        }
        for number in 0..self.editors {
            let mut editor = if room { Editor::new(None)? } else { Editor::new(Some(&whole.whole()))? };
            if !room {
                editor.join_relay(target).await?;
            } else if editor.join(target, &desk.path(), desk.cookie(number)).await? {
                desk::settle(&mut editor).await?;
            } else {
                return Err(format!("editor {number} is not let in").into());
            }
            editors.push(editor);
        }
        whole.leave();
        let (made, begin, desk) = (Made::default(), Instant::now(), Rc::new(desk.clone()));
        let mut tasks = Vec::new();
        for (number, editor) in editors.into_iter().enumerate() {
            let random = Random::new(self.seed ^ ((turn * 1_000 + number) as u64) << 8);
            let sitting = Sitting { editor, random, desk: desk.clone(), made: made.clone(), seen: BTreeMap::new() };
            let pace = [self.rate / self.editors as f64, self.moves];
            tasks.push(tokio::task::spawn_local(sitting.run(pace, begin, begin + Duration::from_secs(self.seconds))));
        }
        let mut tally = Tally::default();
        for task in tasks {
            tally.join(task.await??);
        }
        let edits: usize = made.borrow().values().map(Vec::len).sum();
        let expected = edits * (self.editors - 1);
        if tally.count() != expected {
            return Err(format!("{} of {expected} times an edit has come", tally.count()).into());
        }
        Ok(tally)
    }
}

/// Someone at work.
struct Sitting {
    editor: Editor,
    random: Random,
    desk: Rc<Desk>,
    made: Made,
    /// How many of each one's edits have come.
    seen: BTreeMap<u64, usize>,
}

impl Sitting {
    /// Edits and moves the pointer so many times a second, and hears of what the others do.
    async fn run(mut self, pace: [f64; 2], begin: Instant, end: Instant) -> Done<Tally> {
        let (mut tally, mut moves) = (Tally::default(), 0);
        let [mut edit, mut point] = pace.map(|rate| begin + self.wait(rate));
        loop {
            let next = edit.min(point).min(end);
            tokio::select! {
                heard = self.editor.hear() => match heard? {
                    Heard::Changes(news) => self.count(news, &mut tally),
                    Heard::End(code) => return Err(format!("an editor is sent away: {code:?}").into()),
                    _ => {}
                },
                () = sleep_until(next.into()), if next < end => {
                    if next == edit {
                        let cells = self.desk.set(&mut self.random);
                        let change = self.editor.change(&cells);
                        self.made.borrow_mut().entry(self.editor.id()).or_default().push((change.0, edit));
                        self.editor.tell(change).await;
                        edit += self.wait(pace[0]);
                    } else {
                        moves += 1;
                        let at = [0, 1].map(|_| self.random.below(1_000));
                        self.editor.point(moves, at).await;
                        point += self.wait(pace[1]);
                    }
                }
                () = sleep_until((Instant::now().max(end) + LOOK).into()) => {
                    if self.has_all() || Instant::now() > end + GRACE {
                        break;
                    }
                }
            }
        }
        Ok(tally)
    }

    /// Whether all that the others have made has come.
    fn has_all(&self) -> bool {
        let made = self.made.borrow();
        made.iter().all(|(client, of)| *client == self.editor.id() || self.seen.get(client) == Some(&of.len()))
    }

    fn wait(&mut self, rate: f64) -> Duration {
        // Whoever does not do it at all does it in a day.
        if rate > 0.0 { Duration::from_secs_f64(self.random.wait(rate)) } else { Duration::from_secs(86_400) }
    }

    fn count(&mut self, news: Vec<(u64, u32)>, tally: &mut Tally) {
        let made = self.made.borrow();
        for (client, clock) in news {
            let Some(of) = made.get(&client) else { continue };
            let seen = self.seen.entry(client).or_default();
            while let Some((_, at)) = of.get(*seen).filter(|(made, _)| *made <= clock) {
                tally.answered(at.elapsed(), 200);
                *seen += 1;
            }
        }
    }
}
