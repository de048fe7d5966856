//! What is seen of a pair of boxes in the words between them, and of a pair beside the other pairs.

use std::fmt;

use super::arrows::Pair;
use super::boxes::{HOPELESS, clause_of, shared, stems};
use super::linear::{key, key_of};
use super::trees::Seen;
use crate::outline::clause::Clause;
use crate::outline::draft::Draft;
use crate::outline::view::View;
use crate::storyboard::Kind;

/// What nothing is worth.
const NONE: f64 = -12.0;
/// A pair for which at least this much speaks is taken as an arrow when the others are looked at.
const TAKEN: f64 = -0.6;
/// Words further apart than this many clauses are not looked at.
const NEAR: usize = 4;
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
struct Spot<'v> {
    clause: usize,
    sentence: usize,
    /// First token of its clause and after the last.
    tokens: (usize, usize),
    first: u64,
    subject: Option<&'v str>,
    share: f64,
    stems: Vec<u64>,
    /// The box before its condition, if it has one.
    fork: Option<usize>,
}

/// The other pairs of a scene, each by how much speaks for it alone.
struct Web {
    n: usize,
    sums: Vec<f64>,
    /// The best and second best of each source and each target.
    from: Vec<[f64; 2]>,
    to: Vec<[f64; 2]>,
    /// Which pairs are taken as arrows, by source and target.
    taken: Vec<bool>,
}

impl Web {
    fn of(n: usize, pairs: &[Pair], sums: &[f64]) -> Self {
        let mut web = Self {
            n,
            sums: vec![NONE; n * n],
            from: vec![[NONE; 2]; n],
            to: vec![[NONE; 2]; n],
            taken: vec![false; n * n],
        };
        for (pair, sum) in pairs.iter().zip(sums) {
            let at = pair.from * n + pair.to;
            web.sums[at] = f64::max(web.sums[at], *sum);
            web.taken[at] |= *sum >= TAKEN;
            for best in [&mut web.from[pair.from], &mut web.to[pair.to]] {
                if *sum > best[0] {
                    *best = [*sum, best[0]];
                } else if *sum > best[1] {
                    best[1] = *sum;
                }
            }
        }
        web
    }

    fn sum(&self, from: usize, to: usize) -> f64 {
        self.sums[from * self.n + to]
    }

    fn taken(&self, from: usize, to: usize) -> bool {
        self.taken[from * self.n + to]
    }

    /// How likely each way from a box or to it is, added up, without one.
    fn likely(&self, ways: impl Iterator<Item = (usize, usize)>) -> f64 {
        ways.map(|(from, to)| 1.0 / (1.0 + libm::exp(-self.sum(from, to)))).sum()
    }
}

fn other(best: [f64; 2], own: f64) -> f64 {
    if own >= best[0] { best[1] } else { best[0] }
}

/// What is seen of the words between the boxes of each pair, of how the boxes stand in the talk, and of the pair beside
/// the others, whose `sums` say how much speaks for each alone; nothing of a pair that is hopeless.
pub(crate) fn between(view: &View<'_>, kind: Kind, draft: &Draft, pairs: &[Pair], sums: &[f64]) -> Vec<Seen> {
    let mut spots: Vec<Spot<'_>> =
        draft.nodes.iter().map(|node| spot(view, node.evidence, &node.label, node.confidence)).collect();
    for at in 0..spots.len() {
        spots[at].fork = fork(view, &spots, at);
    }
    let n = spots.len();
    let web = Web::of(n, pairs, sums);
    let mut drawn = vec![false; n * n];
    for edge in &draft.edges {
        drawn[edge.from * n + edge.to] = true;
    }
    let drawn_from: Vec<usize> = (0..n).map(|i| (0..n).filter(|k| drawn[i * n + k]).count()).collect();
    let drawn_to: Vec<usize> = (0..n).map(|i| (0..n).filter(|k| drawn[k * n + i]).count()).collect();
    let mut by_clause = vec![[NONE; 2]; view.clauses.len() + 1];
    for (pair, sum) in pairs.iter().zip(sums) {
        let best = &mut by_clause[pair.clause.min(view.clauses.len())];
        if *sum > best[0] {
            *best = [*sum, best[0]];
        } else if *sum > best[1] {
            best[1] = *sum;
        }
    }
    let joints = Joints::of(view);
    let kind_mark = key(format_args!("kind {kind}"));
    let mut out = Vec::with_capacity(pairs.len());
    for (pair, sum) in pairs.iter().zip(sums) {
        if *sum <= HOPELESS {
            out.push(Seen::default());
            continue;
        }
        let (from, to) = (pair.from, pair.to);
        let (a, b) = (&spots[from], &spots[to]);
        let mut marks = Vec::with_capacity(64);
        marks.push(kind_mark);
        marks_of(view, &joints, (a, b), (from, to), &mut marks);
        let (low, high) = (from.min(to), from.max(to));
        let most = spots[low + 1..high].iter().map(|s| s.share).fold(0.0, f64::max);
        // Boxes between the two from which nothing goes on before the second: ends that may meet there.
        let open = |k: usize| !(0..to).any(|t| t > k && web.taken(k, t));
        let before = (0..to).filter(|k| *k != from && open(*k)).count();
        let through = (0..n).any(|k| k != from && k != to && web.taken(from, k) && web.taken(k, to));
        let fan = web.likely((0..n).filter(|k| *k != from && *k != to).map(|k| (from, k)));
        let fan_between = web.likely((low + 1..high).map(|k| (from, k)));
        let join = web.likely((0..n).filter(|k| *k != from && *k != to).map(|k| (k, to)));
        let join_between = web.likely((low + 1..high).map(|k| (k, to)));
        let measures = [
            *sum,
            *sum - other(web.from[from], *sum),
            *sum - other(web.to[to], *sum),
            *sum - web.sum(to, from),
            other(web.from[from], *sum),
            other(web.to[to], *sum),
            web.to[from][0],
            web.from[to][0],
            most,
            a.share,
            b.share,
            to as f64 - from as f64,
            b.sentence as f64 - a.sentence as f64,
            b.clause as f64 - a.clause as f64,
            drawn_from[from] as f64,
            drawn_to[to] as f64,
            (n - 1 - from) as f64,
            from as f64,
            to as f64,
            n as f64,
            fan,
            fan_between,
            join,
            join_between,
            f64::from(u8::from(through)),
            if to > from { f64::from(u8::from(open(from))) } else { -1.0 },
            before as f64,
            shared(&a.stems, &b.stems),
            *sum - other(by_clause[pair.clause.min(view.clauses.len())], *sum),
            pair.clause as f64 - a.clause as f64,
            pair.clause as f64 - b.clause as f64,
            a.fork.map_or(-1.0, |k| from as f64 - k as f64),
            b.fork.map_or(-1.0, |k| to as f64 - k as f64),
            pair.fresh[0],
            pair.fresh[1],
            pair.fresh[2],
            pair.fresh[3],
            pair.fresh[4],
        ];
        out.push(Seen { marks, measures: measures.iter().map(|m| *m as f32).collect() });
    }
    out
}

/// The words of a scene that join, as marks on the way on and on the way back.
struct Joints {
    first: usize,
    keys: Vec<Option<[u64; 2]>>,
}

impl Joints {
    fn of(view: &View<'_>) -> Self {
        let tokens = view.all();
        let first = view.text.sentences.get(view.sentences.0).map_or(0, |s| s.first);
        let keys = |word: &str| [key(format_args!("on by {word}")), key(format_args!("back by {word}"))];
        Self { first, keys: tokens.iter().map(|t| t.is(JOINTS).then(|| keys(&t.low))).collect() }
    }

    /// Those of the tokens `a..b`.
    fn among(&self, a: usize, b: usize) -> impl Iterator<Item = &[u64; 2]> {
        let at = |token: usize| token.saturating_sub(self.first).min(self.keys.len());
        self.keys[at(a)..at(b).max(at(a))].iter().flatten()
    }
}

fn marks_of(
    view: &View<'_>,
    joints: &Joints,
    (a, b): (&Spot<'_>, &Spot<'_>),
    (from, to): (usize, usize),
    out: &mut Vec<u64>,
) {
    let mut say = |what: fmt::Arguments<'_>| out.push(key(what));
    let on = from < to;
    let way = if on { "on" } else { "back" };
    say(format_args!("{way}"));
    say(format_args!("from {}", a.first));
    say(format_args!("to {}", b.first));
    if a.subject.is_some() && a.subject == b.subject {
        say(format_args!("same subject"));
    }
    if a.clause == b.clause {
        say(format_args!("one clause"));
    } else if a.sentence == b.sentence {
        say(format_args!("one sentence"));
    }
    for word in view.clauses.get(b.clause).into_iter().flat_map(|c| c.lead.iter().take(3)) {
        say(format_args!("{way} led by {word}"));
    }
    for word in view.clauses.get(a.clause).into_iter().flat_map(|c| c.lead.iter().take(2)) {
        say(format_args!("{way} from led by {word}"));
    }
    let opening = view.text.sentences.get(b.sentence).and_then(|s| view.text.tokens.get(s.first));
    if let Some(token) = opening {
        say(format_args!("{way} opened by {}", token.low));
    }
    match b.fork {
        Some(fork) if fork == from => say(format_args!("from fork")),
        Some(_) => say(format_args!("another fork")),
        None => {}
    }
    if a.fork.is_some() {
        say(format_args!("from branch"));
        if a.fork == b.fork {
            say(format_args!("same fork"));
        }
    }
    for (mark, clause) in [("from", a.clause), ("to", b.clause)] {
        if let Some(clause) = view.clauses.get(clause) {
            for (what, _) in marks(clause).iter().filter(|m| m.1) {
                say(format_args!("{mark} {what}"));
            }
        }
    }
    // The words from the end of the first box's clause to the end of the second one's, as far as they are near.
    let (x, y) = if on { (a, b) } else { (b, a) };
    if y.clause.saturating_sub(x.clause) <= NEAR {
        let words = joints.among(x.tokens.0.min(y.tokens.0), y.tokens.1.max(x.tokens.1));
        out.extend(words.map(|keys| keys[usize::from(!on)]));
    }
}

fn spot<'v>(view: &View<'v>, words: [u32; 2], label: &str, share: f64) -> Spot<'v> {
    let clause = clause_of(view, words);
    let own: Option<&'v Clause> = view.clauses.get(clause);
    let subject = own.and_then(|c| c.subjects.first()).map(|s| view.text.tokens[s.head].lemma.as_str());
    Spot {
        clause,
        sentence: own.map_or(0, |c| c.sentence),
        tokens: own.map_or((0, 0), |c| (c.a, c.b)),
        first: label.split(' ').next().map_or(0, |word| key_of(&word.to_lowercase())),
        subject,
        share,
        stems: stems(label),
        fork: None,
    }
}

/// From where a box branches off: the last box before the condition, or the run of conditions, that stands before it in
/// its sentence.
fn fork(view: &View<'_>, spots: &[Spot<'_>], at: usize) -> Option<usize> {
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
