//! All come and go and edit meanwhile, and the appliance is killed: nothing that it has acknowledged may be gone, and in the end
//! all have the same.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    task::{LocalSet, spawn_blocking, spawn_local},
    time::{sleep, timeout},
};

use super::{Collaborate, desk, desk::Desk};
use crate::{
    Done,
    client::Target,
    draw::Random,
    editor::{Editor, Heard},
    runtime,
    server::{Place, Server},
};

/// How long all may take to have the same.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most edits at a time.
const AT_ONCE: usize = 20;

/// Where the appliance listens now.
type Home = Rc<RefCell<Target>>;

impl Collaborate {
    pub(super) fn apart(&self, desk: &Desk, place: &Place, server: Server) -> Done {
        runtime()?.block_on(LocalSet::new().run_until(self.coming_and_going(desk, place, server)))
    }

    async fn coming_and_going(&self, desk: &Desk, place: &Place, mut server: Server) -> Done {
        let (home, desk) = (Home::new(RefCell::new(server.target(false)?)), Rc::new(desk.clone()));
        let mut random = Random::new(self.seed);
        let begun = Instant::now();
        let tasks: Vec<_> = (0..self.editors)
            .map(|number| {
                let edits = self.edits / self.editors + usize::from(number < self.edits % self.editors);
                let random = Random::new(self.seed ^ (number as u64 + 1) << 32);
                spawn_local(one(number, edits, desk.clone(), home.clone(), random))
            })
            .collect();
        let mut kills = 0;
        while tasks.iter().any(|task| !task.is_finished()) {
            sleep(Duration::from_millis(500 + random.below(self.longest_ms) as u64)).await;
            server.kill()?;
            kills += 1;
            let place = place.clone();
            server = spawn_blocking(move || Server::start(&place)).await??;
            home.replace(server.target(false)?);
        }
        let mut editors = Vec::new();
        for task in tasks {
            editors.push(task.await??);
        }
        let target = home.borrow().clone();
        let (took, since) = (begun.elapsed(), Instant::now());
        for (number, editor) in editors.iter_mut().enumerate() {
            come(editor, number, &desk, &home).await?;
            timeout(PATIENCE, desk::settle(editor)).await??;
        }
        let mut late = Editor::new(None)?;
        come(&mut late, 0, &desk, &home).await?;
        desk::settle(&mut late).await?;
        late.save().await;
        loop {
            match timeout(PATIENCE, late.hear()).await?? {
                Heard::Saved => break,
                Heard::End(code) => return Err(format!("who came new is sent away: {code:?}").into()),
                _ => {}
            }
        }
        // What was laid over the document for the version comes before the word of it.
        let digest = late.digest();
        let mut digests = Vec::new();
        for editor in &mut editors {
            while editor.digest() != digest {
                match timeout(PATIENCE, editor.hear()).await {
                    Ok(Ok(Heard::End(code))) => return Err(format!("an editor is sent away: {code:?}").into()),
                    Ok(heard) => drop(heard?),
                    Err(_) => break,
                }
            }
            digests.push(editor.digest());
        }
        desk.compare(&target, &late).await?;
        let same = digests.iter().filter(|of| **of == digest).count();
        println!(
            "{} edits by {} people who came and went in {:.1} s, {kills} kills meanwhile: all acknowledged ones were there after every kill",
            self.edits,
            self.editors,
            took.as_secs_f64()
        );
        println!(
            "state {digest:016x} on {same} of {} and on one who came new, {:.1} s after the last edit",
            self.editors,
            since.elapsed().as_secs_f64()
        );
        if same < editors.len() { Err("not all have the same".into()) } else { server.stop() }
    }
}

/// Someone who makes so many edits, some while connected, some not.
async fn one(number: usize, edits: usize, desk: Rc<Desk>, home: Home, mut random: Random) -> Done<Editor> {
    let (mut editor, mut own, mut left) = (Editor::new(None)?, Vec::new(), edits);
    come(&mut editor, number, &desk, &home).await?;
    hear(&mut editor, 1_000).await?;
    while left > 0 {
        if random.below(2) == 0 {
            editor.leave();
        }
        for _ in 0..left.min(1 + random.below(AT_ONCE)) {
            let cells = desk.edit(&mut random, &mut own, number);
            let change = editor.change(&cells);
            editor.tell(change).await;
            left -= 1;
        }
        if !editor.is_here() {
            sleep(Duration::from_millis(random.below(1_500) as u64)).await;
            come(&mut editor, number, &desk, &home).await?;
        }
        hear(&mut editor, random.below(1_000) as u64).await?;
    }
    Ok(editor)
}

/// Joins, however long that takes: the appliance may be gone just now.
async fn come(editor: &mut Editor, number: usize, desk: &Desk, home: &Home) -> Done {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let target = home.borrow().clone();
        if editor.join(&target, &desk.path(), desk.cookie(number)).await? {
            return Ok(());
        }
        sleep(Duration::from_millis(100 + 7 * number as u64)).await;
    }
    Err("the appliance lets nobody in any more".into())
}

/// Hears for so many milliseconds, or until the line ends.
async fn hear(editor: &mut Editor, ms: u64) -> Done {
    let all = async {
        loop {
            if let Heard::End(code) = editor.hear().await? {
                return match code {
                    // Killed, restarted, or too slow to hear: come back.
                    None | Some(1_012 | 1_013) => Ok(()),
                    Some(code) => Err(format!("an editor is sent away: {code}").into()),
                };
            }
        }
    };
    timeout(Duration::from_millis(ms), all).await.unwrap_or(Ok(()))
}
