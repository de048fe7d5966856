//! What is seen of a pair of boxes in the words between them, and of a pair beside the other pairs.

use super::arrows::Pair;
use super::boxes::{HOPELESS, clause_of, shared, stems};
use super::linear::Features;
use super::rivals::steps;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::view::View;
use crate::storyboard::Kind;

const SHARES: &[f64] = &[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const SUMS: &[f64] = &[-6.0, -5.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0];
const AHEAD: &[f64] = &[-6.0, -4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0];
const COUNTS: &[f64] = &[0.0, 1.0, 2.0, 3.0, 4.0, 6.0];
/// What nothing is worth.
const NONE: f64 = -12.0;
/// Words that join what is before them to what is after.
const JOINTS: &[&str] = &[
    "then",
    "and",
    "or",
    "if",
    "when",
    "once",
    "after",
    "before",
    "until",
    "unless",
    "otherwise",
    "else",
    "while",
    "meanwhile",
    "both",
    "either",
    "neither",
    "again",
    "back",
    "from",
    "to",
    "into",
    "so",
    "because",
    "which",
    "that",
    "but",
    "not",
    "finally",
    "next",
    "first",
    "instead",
    "also",
    "same",
    "whichever",
    "return",
    "with",
    "for",
    "by",
    "through",
    "where",
    "who",
    "whether",
    "yes",
    "no",
    "straight",
    "time",
    "as",
    "under",
    "over",
    "part",
    "plus",
    "too",
];

/// A box, as far as arrows need it.
struct Spot {
    clause: usize,
    sentence: usize,
    /// First token of its clause and after the last.
    tokens: (usize, usize),
    first: Option<String>,
    subject: Option<String>,
    share: f64,
    stems: Vec<String>,
}

/// What is seen of the words between the boxes of each pair, and of how the boxes stand in the talk.
pub(crate) fn between(view: &View<'_>, kind: Kind, draft: &Draft, pairs: &[Pair], sums: &[f64]) -> Vec<Features> {
    let spots: Vec<Spot> =
        draft.nodes.iter().map(|node| spot(view, node.evidence[0], &node.label, node.confidence)).collect();
    let forks: Vec<Option<usize>> = (0..spots.len()).map(|at| fork(view, &spots, at)).collect();
    let n = spots.len();
    let drawn_out: Vec<usize> = (0..n).map(|i| draft.edges.iter().filter(|e| e.from == i).count()).collect();
    let drawn_in: Vec<usize> = (0..n).map(|i| draft.edges.iter().filter(|e| e.to == i).count()).collect();
    let mut out = Vec::with_capacity(pairs.len());
    for (pair, sum) in pairs.iter().zip(sums) {
        if *sum <= HOPELESS {
            out.push(Features::new());
            continue;
        }
        let (a, b) = (&spots[pair.from], &spots[pair.to]);
        let mut own: Features = Vec::with_capacity(96);
        let mut say = |what: String| own.push((what, 1.0));
        say(format!("kind {kind}"));
        let on = pair.from < pair.to;
        let way = if on { "on" } else { "back" };
        say(way.to_owned());
        if let Some(first) = &a.first {
            say(format!("from {first}"));
        }
        if let Some(first) = &b.first {
            say(format!("to {first}"));
        }
        if a.subject.is_some() && a.subject == b.subject {
            say("same subject".to_owned());
        }
        if a.clause == b.clause {
            say("one clause".to_owned());
        } else if a.sentence == b.sentence {
            say("one sentence".to_owned());
        }
        // The words from the end of the first box's clause to the end of the second one's, as far as they are near.
        let (x, y) = if on { (a, b) } else { (b, a) };
        let near = y.clause.saturating_sub(x.clause) <= 4;
        if near {
            for token in view.tokens(x.tokens.0.min(y.tokens.0), y.tokens.1.max(x.tokens.1)) {
                if token.is(JOINTS) {
                    say(format!("{way} by {}", token.low));
                }
            }
        }
        for word in view.clauses.get(b.clause).into_iter().flat_map(|c| c.lead.iter().take(3)) {
            say(format!("{way} led by {word}"));
        }
        for word in view.clauses.get(a.clause).into_iter().flat_map(|c| c.lead.iter().take(2)) {
            say(format!("{way} from led by {word}"));
        }
        let opening = |s: &Spot| {
            let first = view.text.sentences.get(s.sentence)?.first;
            view.text.tokens.get(first).map(|t| t.low.clone())
        };
        if let Some(word) = opening(b) {
            say(format!("{way} opened by {word}"));
        }
        match forks[pair.to] {
            Some(fork) if fork == pair.from => say("from fork".to_owned()),
            Some(_) => say("another fork".to_owned()),
            None => {}
        }
        if forks[pair.from].is_some() {
            say("from branch".to_owned());
            if forks[pair.from] == forks[pair.to] {
                say("same fork".to_owned());
            }
        }
        if shared(&a.stems, &b.stems) > 0.0 {
            say("alike".to_owned());
        }
        for (mark, clause) in [("from", a.clause), ("to", b.clause)] {
            if let Some(clause) = view.clauses.get(clause) {
                for (what, _) in marks(clause).iter().filter(|m| m.1) {
                    say(format!("{mark} {what}"));
                }
            }
        }
        let inner =
            spots.iter().enumerate().filter(|(k, _)| (*k > pair.from.min(pair.to)) && *k < pair.from.max(pair.to));
        let most = inner.map(|(_, s)| s.share).fold(0.0, f64::max);
        steps(&mut own, "between", most, SHARES);
        steps(&mut own, "share from", a.share, SHARES);
        steps(&mut own, "share to", b.share, SHARES);
        steps(&mut own, &format!("{way} apart"), pair.from.abs_diff(pair.to) as f64, COUNTS);
        steps(&mut own, &format!("{way} sentences"), a.sentence.abs_diff(b.sentence) as f64, COUNTS);
        steps(&mut own, &format!("{way} clauses"), a.clause.abs_diff(b.clause) as f64, COUNTS);
        steps(&mut own, "drawn from", drawn_out[pair.from] as f64, COUNTS);
        steps(&mut own, "drawn to", drawn_in[pair.to] as f64, COUNTS);
        steps(&mut own, "left after", (n - 1 - pair.from) as f64, COUNTS);
        steps(&mut own, "from place", pair.from as f64, COUNTS);
        steps(&mut own, "to place", pair.to as f64, COUNTS);
        out.push(own);
    }
    out
}

fn spot(view: &View<'_>, words: [u32; 2], label: &str, share: f64) -> Spot {
    let clause = clause_of(view, words);
    let own: Option<&Clause> = view.clauses.get(clause);
    let subject = own.and_then(|c| c.subjects.first()).map(|s| view.text.tokens[s.head].lemma.clone());
    Spot {
        clause,
        sentence: own.map_or(0, |c| c.sentence),
        tokens: own.map_or((0, 0), |c| (c.a, c.b)),
        first: label.split(' ').next().map(str::to_lowercase),
        subject,
        share,
        stems: stems(label),
    }
}

/// From where a box branches off: the last box before the condition, or the run of conditions, that stands before it in
/// its sentence.
fn fork(view: &View<'_>, spots: &[Spot], at: usize) -> Option<usize> {
    let own = &spots[at];
    let conditional = |i: usize| view.clauses[i].conditional() || view.clauses[i].led_by(&["otherwise", "or"]);
    let end = own.clause.min(view.clauses.len().checked_sub(1)?);
    let mut first =
        (0..=end).rev().take(4).take_while(|i| view.clauses[*i].sentence == own.sentence).find(|i| conditional(*i))?;
    // "If it fits ... If it does not ...": the branches leave the same box.
    let mut sentence = view.clauses[first].sentence;
    while let Some(before) =
        (0..first).rev().take_while(|i| view.clauses[*i].sentence + 1 >= sentence).filter(|i| conditional(*i)).last()
    {
        first = before;
        sentence = view.clauses[first].sentence;
    }
    (0..spots.len()).rfind(|k| spots[*k].clause < first)
}

fn marks(clause: &Clause) -> [(&'static str, bool); 7] {
    let verb = clause.verb.as_ref();
    [
        ("negated", clause.negated()),
        ("passive", clause.passive()),
        ("question", clause.question),
        ("conditional", clause.conditional()),
        ("verbless", verb.is_none()),
        ("inherited", clause.inherited),
        ("relative", clause.relative),
    ]
}

/// Adds what is seen of each pair beside the others, whose `sums` say how much speaks for each alone.
pub(crate) fn beside(n: usize, pairs: &[Pair], sums: &[f64], out: &mut [Features]) {
    // The best and second best of each source and each target.
    let mut from = vec![[NONE; 2]; n];
    let mut to = vec![[NONE; 2]; n];
    let mut index = vec![NONE; n * n];
    for (pair, sum) in pairs.iter().zip(sums) {
        index[pair.from * n + pair.to] = *sum;
        for best in [&mut from[pair.from], &mut to[pair.to]] {
            if *sum > best[0] {
                *best = [*sum, best[0]];
            } else if *sum > best[1] {
                best[1] = *sum;
            }
        }
    }
    let other = |best: [f64; 2], own: f64| if own >= best[0] { best[1] } else { best[0] };
    for ((pair, sum), own) in pairs.iter().zip(sums).zip(out.iter_mut()).filter(|(_, own)| !own.is_empty()) {
        steps(own, "sum", *sum, SUMS);
        steps(own, "ahead from", *sum - other(from[pair.from], *sum), AHEAD);
        steps(own, "ahead to", *sum - other(to[pair.to], *sum), AHEAD);
        steps(own, "ahead of reverse", *sum - index[pair.to * n + pair.from], AHEAD);
        steps(own, "other from", other(from[pair.from], *sum), SUMS);
        steps(own, "other to", other(to[pair.to], *sum), SUMS);
        steps(own, "into source", to[pair.from][0], SUMS);
        steps(own, "out of target", from[pair.to][0], SUMS);
    }
}
