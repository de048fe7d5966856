//! Which statements are answered.

use datafusion::sql::{
    parser::{DFParserBuilder, ExplainStatement, Statement},
    sqlparser::{
        ast::{SetExpr, Statement as Sql},
        dialect::PostgreSqlDialect,
        tokenizer::{Token, Tokenizer},
    },
};
use metering::QuestionError;

/// The longest statement, in bytes.
const MAX_SQL: usize = 64 << 10;
/// How deep a statement may be nested.
const MAX_DEPTH: usize = 50;

/// How many signs and words between values a statement may have: each may nest what stands beside it one level deeper.
const MAX_JOINTS: usize = 1_000;

/// Reads one statement and sees that it is a question. What it may name is a matter of the session.
pub(crate) fn parse(sql: &str) -> Result<Statement, QuestionError> {
    if sql.len() > MAX_SQL {
        return Err(QuestionError::TooLarge(format!("{} KiB of SQL", MAX_SQL >> 10)));
    }
    let invalid = |error: &dyn std::fmt::Display| QuestionError::Invalid(error.to_string());
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().map_err(|error| invalid(&error))?;
    if tokens.iter().filter(|token| is_joint(token)).count() > MAX_JOINTS {
        return Err(QuestionError::TooLarge(format!("{MAX_JOINTS} signs and words between values")));
    }
    drop(tokens);
    let mut parser = DFParserBuilder::new(sql)
        .with_dialect(&PostgreSqlDialect {})
        .with_recursion_limit(MAX_DEPTH)
        .build()
        .map_err(|error| invalid(&error))?;
    let mut statements = parser.parse_statements().map_err(|error| invalid(&error))?;
    let first = statements.pop_front().ok_or_else(|| QuestionError::Invalid("there is no statement".to_owned()))?;
    if !statements.is_empty() {
        return Err(QuestionError::ReadOnly("send one statement at a time".to_owned()));
    }
    check(&first)?;
    Ok(first)
}

/// Whether a token stands between values or around them.
fn is_joint(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            const WORDS: [&str; 14] = [
                "AND",
                "BETWEEN",
                "CASE",
                "EXCEPT",
                "ILIKE",
                "IN",
                "INTERSECT",
                "IS",
                "JOIN",
                "LIKE",
                "NOT",
                "OR",
                "UNION",
                "WHEN",
            ];
            word.quote_style.is_none() && WORDS.iter().any(|known| word.value.eq_ignore_ascii_case(known))
        }
        Token::Whitespace(_) | Token::Period | Token::Number(..) | Token::SingleQuotedString(_) | Token::EOF => false,
        _ => true,
    }
}

fn check(statement: &Statement) -> Result<(), QuestionError> {
    let refused = |what: &str| Err(QuestionError::ReadOnly(format!("{what} is not allowed")));
    match statement {
        Statement::Statement(statement) => check_sql(statement),
        // With the numbers of a run it would be a run.
        Statement::Explain(ExplainStatement { options, .. }) if options.analyze => refused("EXPLAIN ANALYZE"),
        Statement::Explain(ExplainStatement { statement, .. }) => check(statement),
        Statement::CreateExternalTable(_) => refused("CREATE EXTERNAL TABLE"),
        Statement::CopyTo(_) => refused("COPY"),
        Statement::Reset(_) => refused("RESET"),
    }
}

fn check_sql(statement: &Sql) -> Result<(), QuestionError> {
    match statement {
        Sql::Query(query)
            if matches!(
                &*query.body,
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
            ) =>
        {
            Err(QuestionError::ReadOnly("a change within a query is not allowed".to_owned()))
        }
        Sql::Query(query) if !query.locks.is_empty() => {
            Err(QuestionError::ReadOnly("FOR UPDATE and FOR SHARE are not allowed".to_owned()))
        }
        Sql::Query(_) | Sql::ShowTables { .. } | Sql::ShowColumns { .. } | Sql::ExplainTable { .. } => Ok(()),
        // The statement's own text is not repeated.
        _ => Err(QuestionError::ReadOnly("use SELECT, WITH, VALUES, EXPLAIN, DESCRIBE or SHOW TABLES".to_owned())),
    }
}
