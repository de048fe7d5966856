//! From words and signs of PromQL to a tree, by descent with a bound on its depth.

use super::{
    fault::PromError,
    lexer::{Token, tokens},
    promql::{Aggregation, Expr, FUNCTIONS, Grouping, Matcher, Operator, Selector, Test},
};

/// How deep brackets, functions and signs may lie in each other.
const DEPTH: usize = 32;
/// The most operators of a question: a long chain of them is a tree as deep, and what walks it does so by recursion.
const MAX_OPERATORS: usize = 100;
/// The most matchers of a selector.
const MAX_MATCHERS: usize = 32;
/// The longest value of a matcher, in bytes.
const MAX_VALUE: usize = 1_024;
/// Operators with how tightly they bind.
const OPERATORS: &[(&str, Operator, u8)] = &[
    ("==", Operator::Equal, 1),
    ("!=", Operator::Unequal, 1),
    (">", Operator::Above, 1),
    ("<", Operator::Below, 1),
    (">=", Operator::AtLeast, 1),
    ("<=", Operator::AtMost, 1),
    ("+", Operator::Add, 2),
    ("-", Operator::Subtract, 2),
    ("*", Operator::Multiply, 3),
    ("/", Operator::Divide, 3),
    ("%", Operator::Remainder, 3),
    ("^", Operator::Power, 4),
];

/// A question that is being read.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    operators: usize,
}

impl Parser {
    /// At the beginning of a question.
    pub(super) fn new(query: &str) -> Result<Self, PromError> {
        Ok(Parser { tokens: tokens(query)?, at: 0, operators: 0 })
    }

    /// All of it.
    pub(super) fn whole(mut self) -> Result<Expr, PromError> {
        let expr = self.binary(0, DEPTH)?;
        self.end()?;
        Ok(expr)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn must(&mut self, sign: &str) -> Result<(), PromError> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> PromError {
        let found = self.peek().map_or_else(|| "the end of the query".to_owned(), Token::shown);
        PromError::bad(format!("{found} stands where {wanted} should"))
    }

    fn end(&self) -> Result<(), PromError> {
        match self.peek() {
            None => Ok(()),
            Some(Token::Word(word)) if ["and", "or", "unless"].contains(&word.to_ascii_lowercase().as_str()) => {
                Err(not_understood(&format!("the set operator `{word}`")))
            }
            Some(_) => Err(self.unexpected("the end of the query")),
        }
    }

    fn binary(&mut self, least: u8, depth: usize) -> Result<Expr, PromError> {
        let mut left = self.unary(depth)?;
        while let Some(Token::Sign(sign)) = self.peek() {
            let sign = *sign;
            let Some((_, operator, binds)) = OPERATORS.iter().find(|(known, ..)| *known == sign) else { break };
            if *binds < least {
                break;
            }
            self.at += 1;
            self.operators += 1;
            if self.operators > MAX_OPERATORS {
                return Err(PromError::bad(format!("the query has more than {MAX_OPERATORS} operators")));
            }
            if self.takes_word("bool") {
                return Err(not_understood("`bool`"));
            }
            for word in ["on", "ignoring"] {
                if self.takes_word(word) {
                    return Err(not_understood(&format!("`{word}`")));
                }
            }
            // A power is taken from the right.
            let next = if *operator == Operator::Power { *binds } else { binds + 1 };
            let right = self.binary(next, deeper(depth)?)?;
            if !left.is_scalar() && !right.is_scalar() {
                return Err(not_understood(&format!(
                    "`{sign}` between two sets of series (one side must be a number)"
                )));
            }
            if operator.filters() && left.is_scalar() && right.is_scalar() {
                return Err(not_understood(&format!("`{sign}` between two numbers")));
            }
            left = Expr::Binary { operator: *operator, left: Box::new(left), right: Box::new(right) };
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Expr, PromError> {
        if self.takes("-") {
            let of = self.binary(4, deeper(depth)?)?;
            return Ok(Expr::Binary {
                operator: Operator::Multiply,
                left: Box::new(Expr::Number(-1.0)),
                right: Box::new(of),
            });
        }
        if self.takes("+") {
            return self.binary(4, deeper(depth)?);
        }
        let primary = self.primary(depth)?;
        if self.takes("[") {
            return Err(PromError::bad("a range like [5m] stands within a function only, as in increase(…[5m])"));
        }
        Ok(primary)
    }

    fn primary(&mut self, depth: usize) -> Result<Expr, PromError> {
        match self.peek().cloned() {
            Some(Token::Number(number)) => {
                self.at += 1;
                Ok(Expr::Number(number))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.binary(0, deeper(depth)?)?;
                self.must(")")?;
                Ok(inner)
            }
            Some(Token::Sign("{")) => self.selector(None).map(Expr::Select),
            Some(Token::Word(word)) => self.word(word, depth),
            _ => Err(self.unexpected("a metric, a function or a number")),
        }
    }

    fn word(&mut self, word: String, depth: usize) -> Result<Expr, PromError> {
        self.at += 1;
        let lower = word.to_ascii_lowercase();
        if lower == "inf" || lower == "nan" {
            return Ok(Expr::Number(if lower == "inf" { f64::INFINITY } else { f64::NAN }));
        }
        let groups = matches!(self.peek(), Some(Token::Word(next)) if ["by", "without"].contains(&next.to_ascii_lowercase().as_str()));
        if !groups && self.peek() != Some(&Token::Sign("(")) {
            return self.selector(Some(word)).map(Expr::Select);
        }
        if let Some((_, function)) = FUNCTIONS.iter().find(|(name, _)| *name == lower) {
            self.must("(")?;
            let (of, range) = self.ranged()?;
            self.must(")")?;
            return Ok(Expr::Over { function: *function, of, range });
        }
        self.aggregate(&lower, depth)
    }

    fn aggregate(&mut self, name: &str, depth: usize) -> Result<Expr, PromError> {
        const PLAIN: [(&str, Aggregation); 5] = [
            ("sum", Aggregation::Sum),
            ("avg", Aggregation::Average),
            ("min", Aggregation::Least),
            ("max", Aggregation::Most),
            ("count", Aggregation::Count),
        ];
        let plain = PLAIN.iter().find(|(known, _)| *known == name).map(|(_, how)| *how);
        if plain.is_none() && !["topk", "bottomk"].contains(&name) {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            let known = known.join(", ");
            return Err(not_understood(&format!(
                "`{name}` (of functions {known}, of aggregations sum, avg, min, max, count, topk and bottomk are known)"
            )));
        }
        let mut grouping = self.grouping()?;
        self.must("(")?;
        let how = match plain {
            Some(how) => how,
            None => {
                let Some(Token::Number(number)) = self.next() else {
                    return Err(PromError::bad(format!("{name} begins with how many, as in {name}(5, …)")));
                };
                self.must(",")?;
                // As Prometheus does it: what is below one is none, and what is behind the point does not count.
                let most = number.clamp(0.0, 1e6) as usize;
                if name == "topk" { Aggregation::Top(most) } else { Aggregation::Bottom(most) }
            }
        };
        let of = self.binary(0, deeper(depth)?)?;
        if of.is_scalar() {
            return Err(PromError::bad(format!("{name} puts series together, and here is a number")));
        }
        self.must(")")?;
        if grouping.is_none() {
            grouping = self.grouping()?;
        }
        Ok(Expr::Aggregate { how, grouping: grouping.unwrap_or_default(), of: Box::new(of) })
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, PromError> {
        let without = self.takes_word("without");
        if !without && !self.takes_word("by") {
            return Ok(None);
        }
        self.must("(")?;
        let mut labels = Vec::new();
        while !self.takes(")") {
            let Some(Token::Word(label)) = self.next() else {
                return Err(PromError::bad("labels stand between the brackets of by and without"));
            };
            labels.push(label);
            if labels.len() > MAX_MATCHERS {
                return Err(PromError::bad(format!("by and without name more than {MAX_MATCHERS} labels")));
            }
            if !self.takes(",") && self.peek() != Some(&Token::Sign(")")) {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(Some(Grouping { without, labels }))
    }

    /// A selector with a range.
    fn ranged(&mut self) -> Result<(Selector, i64), PromError> {
        let name = match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Some(word)
            }
            _ => None,
        };
        if self.peek() == Some(&Token::Sign("(")) {
            return Err(not_understood("a range over anything but a selector"));
        }
        let mut selector = self.series(name)?;
        if !self.takes("[") {
            return Err(self.unexpected("a range like [5m]"));
        }
        let Some(Token::Duration(range)) = self.next() else {
            return Err(PromError::bad("a range is a duration like [5m] or [1h30m]"));
        };
        if self.takes(":") {
            return Err(not_understood("a subquery ([5m:1m])"));
        }
        self.must("]")?;
        self.offset(&mut selector)?;
        Ok((selector, range))
    }

    fn selector(&mut self, name: Option<String>) -> Result<Selector, PromError> {
        let mut selector = self.series(name)?;
        if self.peek() != Some(&Token::Sign("[")) {
            self.offset(&mut selector)?;
        }
        Ok(selector)
    }

    fn offset(&mut self, selector: &mut Selector) -> Result<(), PromError> {
        if self.takes("@") {
            return Err(not_understood("`@`"));
        }
        if self.takes_word("offset") {
            let back = !self.takes("-");
            let Some(Token::Duration(millis)) = self.next() else {
                return Err(PromError::bad("offset is followed by a duration like 1d"));
            };
            selector.offset = if back { millis } else { -millis };
        }
        Ok(())
    }

    fn series(&mut self, name: Option<String>) -> Result<Selector, PromError> {
        let mut matchers = Vec::new();
        if let Some(name) = name {
            matchers.push(Matcher { label: "__name__".to_owned(), test: Test::Equal, value: name });
        } else if self.peek() != Some(&Token::Sign("{")) {
            return Err(self.unexpected("a metric"));
        }
        if self.takes("{") {
            while !self.takes("}") {
                matchers.push(self.matcher()?);
                if matchers.len() > MAX_MATCHERS {
                    return Err(PromError::bad(format!("a selector has more than {MAX_MATCHERS} matchers")));
                }
                if !self.takes(",") && self.peek() != Some(&Token::Sign("}")) {
                    return Err(self.unexpected("`,` or `}`"));
                }
            }
        }
        Ok(Selector { matchers, offset: 0 })
    }

    fn matcher(&mut self) -> Result<Matcher, PromError> {
        let label = match self.next() {
            Some(Token::Word(label)) => label,
            // As Prometheus 3 has it: a name in quotes is the metric's.
            Some(Token::Text(value)) if matches!(self.peek(), Some(Token::Sign("," | "}"))) => {
                return Ok(Matcher { label: "__name__".to_owned(), test: Test::Equal, value });
            }
            Some(Token::Text(label)) => label,
            _ => return Err(PromError::bad("a matcher is like label=\"value\"")),
        };
        let test = match self.next() {
            Some(Token::Sign("=")) => Test::Equal,
            Some(Token::Sign("!=")) => Test::Unequal,
            Some(Token::Sign("=~")) => Test::Like,
            Some(Token::Sign("!~")) => Test::Unlike,
            _ => return Err(PromError::bad(format!("behind the label `{label}` stands =, !=, =~ or !~"))),
        };
        match self.next() {
            Some(Token::Text(value)) if value.len() <= MAX_VALUE => Ok(Matcher { label, test, value }),
            Some(Token::Text(_)) => Err(PromError::bad(format!("a matcher's value has more than {MAX_VALUE} bytes"))),
            _ => Err(PromError::bad(format!("the value of the label `{label}` stands in quotes"))),
        }
    }
}

fn deeper(depth: usize) -> Result<usize, PromError> {
    depth.checked_sub(1).ok_or_else(|| PromError::bad(format!("the query is nested deeper than {DEPTH} levels")))
}

fn not_understood(what: &str) -> PromError {
    PromError::bad(format!("{what} is not understood here"))
}
