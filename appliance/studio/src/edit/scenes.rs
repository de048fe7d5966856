//! Edits of where scenes begin and end, and of when they are played.

use std::collections::BTreeSet;

use super::{Draft, EditError};
use crate::arrange::{MAX_STRETCHES, stretches};
use crate::storyboard::{Origin, Scene, append, element_ids, free_id, part, tidy};

impl Draft<'_> {
    pub(super) fn split_scene(&mut self, id: &str, word: u32, title: Option<&str>) -> Result<(), EditError> {
        let index = self.scene(id)?;
        let [first, last] = self.board.scenes[index].words;
        if first >= last {
            return Err(EditError::SingleWord(id.to_owned()));
        }
        if word <= first || word > last {
            let scene = id.to_owned();
            return Err(EditError::SplitOutside { scene, word, first: u64::from(first) + 1, last });
        }
        let ids: BTreeSet<&str> = self.board.scenes.iter().map(|s| s.id.as_str()).collect();
        let second_id = free_id("", "s", &|id| ids.contains(id));
        let whole = &mut self.board.scenes[index];
        whole.by = Origin::User;
        let mut second = half(whole, &second_id, word, true);
        second.words = [word, last];
        if let Some(title) = title {
            title.trim().clone_into(&mut second.title);
        }
        *whole = half(whole, id, word, false);
        whole.words = [first, word - 1];
        let moved: BTreeSet<String> = element_ids(&second).into_iter().map(str::to_owned).collect();
        let stays: BTreeSet<String> = element_ids(whole).into_iter().map(str::to_owned).collect();
        for item in &mut self.board.review {
            let element = item.target.strip_prefix(id).and_then(|rest| rest.strip_prefix('/'));
            if let Some(element) = element.filter(|e| moved.contains(*e) && !stays.contains(*e)) {
                item.target = format!("{second_id}/{element}");
            }
        }
        self.board.scenes.insert(index + 1, second);
        // Played after its first half, whatever is played after the whole.
        if let Some(at) = self.board.order.iter().position(|other| other == id) {
            self.board.order.insert(at + 1, second_id);
        }
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn merge_scenes(&mut self, first: &str, second: &str) -> Result<(), EditError> {
        let at = self.scene(first)?;
        if self.scene(second)? != at + 1 {
            return Err(EditError::NotNeighbours { first: first.to_owned(), second: second.to_owned() });
        }
        let played = self.board.played();
        if !played.windows(2).any(|pair| pair == [at, at + 1]) {
            return Err(EditError::NotPlayedTogether { first: first.to_owned(), second: second.to_owned() });
        }
        let tail = self.board.scenes.remove(at + 1);
        let head = &mut self.board.scenes[at];
        head.words[1] = head.words[1].max(tail.words[1]);
        head.confidence = head.confidence.min(tail.confidence);
        head.by = Origin::User;
        let names = append(head, tail);
        for item in &mut self.board.review {
            if item.target == second {
                first.clone_into(&mut item.target);
            } else if let Some(element) = item.target.strip_prefix(second).and_then(|rest| rest.strip_prefix('/')) {
                item.target = format!("{first}/{}", names.get(element).map_or(element, String::as_str));
            }
        }
        tidy(&mut self.board);
        Ok(())
    }

    pub(super) fn move_scene(&mut self, id: &str, before: Option<&str>) -> Result<(), EditError> {
        let index = self.scene(id)?;
        let before = before.map(|before| self.scene(before)).transpose()?;
        if before == Some(index) {
            return Ok(());
        }
        let mut played = self.board.played();
        played.retain(|at| *at != index);
        let place = before.and_then(|before| played.iter().position(|at| *at == before)).unwrap_or(played.len());
        played.insert(place, index);
        let torn = stretches(&played);
        if torn > MAX_STRETCHES {
            return Err(EditError::TooManyStretches(torn, MAX_STRETCHES));
        }
        self.board.order = played.into_iter().map(|at| self.board.scenes[at].id.clone()).collect();
        self.board.scenes[index].by = Origin::User;
        tidy(&mut self.board);
        Ok(())
    }
}

/// One half of a scene: what was first spoken of before `word`, or from it on. What has no evidence stays in the
/// first half, and so do cues at a time.
fn half(whole: &Scene, id: &str, word: u32, second: bool) -> Scene {
    let mut half = part(whole, &|at| at.is_some_and(|at| at >= word) == second);
    id.clone_into(&mut half.id);
    half
}
