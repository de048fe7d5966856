//! A session: what one question may name.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringViewArray},
    datatypes::{DataType, Field, Schema},
};
use datafusion::{
    catalog::{MemTable, TableProvider, default_table_source::provider_as_source, view::ViewTable},
    common::{Result, ScalarValue},
    execution::{SessionStateBuilder, cache::cache_manager::CacheManagerConfig, runtime_env::RuntimeEnvBuilder},
    logical_expr::{Expr, LogicalPlanBuilder},
    prelude::{SessionConfig, SessionContext, col, lit},
};
use metering::{Prices, Question, Segment, UsageSnapshot};
use model::{Id, Timestamp, noun::Tenant};

use crate::{
    bucket,
    charges::{self, CHARGES, CHARGES_SQL, PRICE_COLUMNS, PRICES},
    focus::{self, FOCUS, FOCUS_1_2},
    numbered::NumberTexts,
    places::{FOOTERS, Place},
    rows::{self, micros},
    shelf::{Files, OnlyShelf},
    tables::{SealedRows, provider, waiting},
    utc,
};

/// The rows of usage.
pub(crate) const USAGE: &str = "usage";
/// What the columns of the other tables mean.
const COMMENTS: &str = "table_columns";
/// What a table or one of its columns means: their names, the column's empty for the table, and the line about them.
pub(crate) type Comment = (&'static str, &'static str, &'static str);
/// Rows that are made into a batch together.
const BATCH: usize = 8_192;

/// Functions that make much of little: their memory is nobody's share.
const LEFT_OUT: &[&str] = &[
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
    "gen_series",
];

/// A session with the tables of `question` and nothing else, and what these mean.
pub(crate) async fn open(question: Question, place: &Place, threads: usize) -> Result<(SessionContext, Vec<Comment>)> {
    let Question { tenant, usage, prices, tables, .. } = question;
    let files = usage.as_ref().map(|usage| Arc::new(Files::new(tenant, usage.shelf.clone(), &usage.segments)));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(place.pool())
        .with_cache_manager(
            CacheManagerConfig::default()
                .with_file_metadata_cache(Some(place.footers()))
                .with_metadata_cache_limit(FOOTERS),
        )
        .with_object_store_registry(Arc::new(OnlyShelf(files)))
        .with_disk_manager_builder(place.disk())
        .build_arc()?;
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema("audiagram", "public")
        .with_create_default_catalog_and_schema(true)
        .with_information_schema(true)
        .with_target_partitions(threads)
        .with_batch_size(BATCH);
    // What a sort sets aside for putting its files together: by itself more than a small tenant's share has room for.
    config.options_mut().execution.sort_spill_reservation_bytes =
        (place.pool().bytes() / (16 * threads.max(1))).clamp(256 << 10, 10 << 20);
    let parquet = &mut config.options_mut().execution.parquet;
    parquet.pushdown_filters = true;
    parquet.reorder_filters = true;
    let state = SessionStateBuilder::new()
        .with_expr_planners(vec![Arc::new(utc::Extract)])
        .with_default_features()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_physical_optimizer_rule(Arc::new(NumberTexts))
        .with_table_factories(Default::default())
        .with_file_formats(Vec::new())
        .build();
    let session = SessionContext::new_with_state(state);
    for name in LEFT_OUT {
        session.deregister_udf(name);
    }
    utc::register(&session);
    session.register_udf(charges::charge_micros());
    session.register_udf(bucket::bucket());
    focus::register(&session);

    let mut comments: Vec<Comment> = Vec::new();
    for table in tables {
        let (name, about) = (table.name(), table.about());
        comments.push((name, "", about));
        comments.extend(table.columns().iter().map(|column| (name, column.name, column.about)));
        session.register_table(name, provider(table)?)?;
    }
    let has_usage = usage.is_some();
    if let Some(usage) = usage {
        comments.push((
            USAGE,
            "",
            "what was used: a row for each event, late ones and corrections as rows of their own",
        ));
        comments.extend(rows::COLUMNS.iter().map(|(column, about)| (USAGE, *column, *about)));
        session.register_table(USAGE, usage_table(tenant, usage)?)?;
    }
    if let Some(Prices { cards, account }) = prices.filter(|_| has_usage) {
        comments.push((PRICES, "", "what a block of each meter costs, by rate card"));
        comments.extend(PRICE_COLUMNS.iter().map(|(column, about)| (PRICES, *column, *about)));
        session.register_table(PRICES, charges::prices(&cards)?)?;
        comments.push((
            CHARGES,
            "",
            "what was used in each hour and what it costs, in millionths of the currency's unit",
        ));
        view(&session, CHARGES, CHARGES_SQL).await?;
        comments.push((FOCUS, "", "the charges with the columns of FOCUS 1.4; quote their names"));
        let currency = cards.last().map_or("EUR", |card| card.currency.as_str());
        comments.push((FOCUS_1_2, "", "the same with the columns of FOCUS 1.2"));
        for (name, sql) in focus::views(&tenant.to_string(), &account, currency) {
            view(&session, name, &sql).await?;
        }
    }
    comments.push((COMMENTS, "", "what the columns mean; the line without a column is about the table"));
    session.register_table(COMMENTS, comment_table(&comments)?)?;
    Ok((session, comments))
}

/// What was used: files whose rows are all seen, those that hold older ones too, and what is in no file.
fn usage_table(tenant: Id<Tenant>, usage: UsageSnapshot) -> Result<Arc<dyn TableProvider>> {
    let UsageSnapshot { segments, waiting: unsealed, projects, since, .. } = usage;
    let current = |segment: &Segment| segment.to >= since;
    let (whole, mixed): (Vec<_>, Vec<_>) =
        segments.into_iter().filter(current).partition(|segment| segment.from >= since);
    let sealed = |segments| -> Arc<dyn TableProvider> { Arc::new(SealedRows { tenant, segments }) };
    let (has_mixed, has_waiting) = (!mixed.is_empty(), unsealed.count() > 0);
    let whole = sealed(whole);
    if !has_mixed && !has_waiting && projects.is_none() {
        return Ok(whole);
    }
    let scan = |name: &str, table| LogicalPlanBuilder::scan(name, provider_as_source(table), None);
    let mut seen = scan("sealed", whole)?;
    if has_mixed {
        seen = seen.union(scan("mixed", sealed(mixed))?.filter(not_before(since))?.build()?)?;
    }
    if has_waiting {
        seen = seen.union(scan("waiting", waiting(unsealed)?)?.filter(not_before(since))?.build()?)?;
    }
    if let Some(projects) = projects {
        // Part of the table: no statement sees what is below.
        let projects = projects.iter().map(|project| lit(project.to_string())).collect();
        seen = seen.filter(col("project_id").in_list(projects, false))?;
    }
    Ok(Arc::new(ViewTable::new(seen.build()?, None)))
}

fn not_before(since: Timestamp) -> Expr {
    let since = ScalarValue::TimestampMicrosecond(Some(micros(since)), Some("UTC".into()));
    col("at").gt_eq(lit(since))
}

async fn view(session: &SessionContext, name: &str, sql: &str) -> Result<()> {
    let plan = session.state().create_logical_plan(sql).await?;
    session.register_table(name, Arc::new(ViewTable::new(plan, None)))?;
    Ok(())
}

fn comment_table(comments: &[Comment]) -> Result<Arc<dyn TableProvider>> {
    let fields = ["table_name", "column_name", "comment"].map(|name| Field::new(name, DataType::Utf8View, true));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let tables: StringViewArray = comments.iter().map(|(table, _, _)| Some(*table)).collect();
    let columns: StringViewArray =
        comments.iter().map(|(_, column, _)| Some(*column).filter(|name| !name.is_empty())).collect();
    let texts: StringViewArray = comments.iter().map(|(_, _, text)| Some(*text)).collect();
    let arrays: Vec<ArrayRef> = vec![Arc::new(tables), Arc::new(columns), Arc::new(texts)];
    let batch = RecordBatch::try_new(schema.clone(), arrays)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}
