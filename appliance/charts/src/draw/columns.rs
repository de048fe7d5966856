//! Which columns are drawn as what.

use crate::{
    fault::Fault,
    frame::{Frame, Kind},
    spec::{ChartKind, ChartSpec, Encoding},
};

/// Places of columns in a frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(crate) x: Option<usize>,
    pub(crate) y: Vec<usize>,
    pub(crate) series: Option<usize>,
    pub(crate) size: Option<usize>,
    pub(crate) path: Vec<usize>,
}

impl Columns {
    /// Those that a chart names, and for what it does not name those that fit by kind and order.
    pub(crate) fn of(spec: &ChartSpec, frame: &Frame) -> Result<Self, Fault> {
        use ChartKind as K;
        let find = |name: &String| {
            let detail =
                || Fault::new("/encoding", format!("names the column `{name}`, which the answer does not have"));
            frame.column(name).ok_or_else(detail)
        };
        let encoding = &spec.encoding;
        let maybe = |name: &Option<String>| name.as_ref().map(find).transpose();
        let mut columns = Columns {
            x: maybe(&encoding.x)?,
            y: encoding.y.iter().map(find).collect::<Result<_, _>>()?,
            series: maybe(&encoding.series)?,
            size: maybe(&encoding.size)?,
            path: encoding.path.iter().map(find).collect::<Result<_, _>>()?,
        };
        if spec.kind == K::Table {
            return Ok(columns);
        }
        let taken = |columns: &Columns, at: usize| {
            columns.x == Some(at)
                || columns.series == Some(at)
                || columns.size == Some(at)
                || columns.y.contains(&at)
                || columns.path.contains(&at)
        };
        let free = |columns: &Columns, number: bool| {
            (0..frame.names.len()).find(|at| (frame.kinds[*at] == Kind::Number) == number && !taken(columns, *at))
        };
        let linked = matches!(spec.kind, K::Sankey | K::Graph | K::Treemap | K::Sunburst);
        if linked && columns.path.is_empty() {
            let texts = |at: &usize| frame.kinds[*at] != Kind::Number && !taken(&columns, *at);
            columns.path = (0..frame.names.len()).filter(texts).take(6).collect();
        }
        let points = matches!(spec.kind, K::Scatter | K::Bubble);
        if columns.x.is_none() && !linked && !matches!(spec.kind, K::Gauge) {
            columns.x = free(&columns, points || (spec.kind == K::Histogram && columns.y.is_empty()));
        }
        // Of a chart that names nothing a second name divides its values; where something is named, other columns are there for
        // something else.
        let divided = matches!(spec.kind, K::Line | K::Area | K::Bar | K::StackedBar | K::Radar)
            && spec.encoding == Encoding::default();
        if (divided || matches!(spec.kind, K::HeatMap | K::Pivot)) && columns.series.is_none() {
            columns.series = free(&columns, false);
        }
        if columns.y.is_empty() && spec.kind != K::Histogram {
            let most = match spec.kind {
                K::BoxPlot => 5,
                K::Candlestick => 4,
                K::Line | K::Area | K::Bar | K::StackedBar | K::Radar if columns.series.is_none() => 12,
                K::Value | K::Gauge => 2,
                _ => 1,
            };
            while let Some(at) = free(&columns, true).filter(|_| columns.y.len() < most) {
                columns.y.push(at);
            }
        }
        if spec.kind == K::Bubble && columns.size.is_none() {
            columns.size = free(&columns, true);
        }
        columns.check(spec.kind)?;
        Ok(columns)
    }

    fn check(&self, kind: ChartKind) -> Result<(), Fault> {
        use ChartKind as K;
        let (values, paths) = match kind {
            K::BoxPlot => (5, 0),
            K::Candlestick => (4, 0),
            K::Sankey | K::Graph => (0, 2),
            K::Treemap | K::Sunburst => (1, 1),
            K::Histogram => (0, 0),
            _ => (1, 0),
        };
        if self.y.len() < values {
            return Err(Fault::new(
                "/encoding/y",
                format!("the answer needs {values} columns of numbers, it has {}", self.y.len()),
            ));
        }
        if self.path.len() < paths {
            return Err(Fault::new("/encoding/path", format!("needs {paths} columns")));
        }
        let needs_x = !matches!(kind, K::Sankey | K::Graph | K::Treemap | K::Sunburst | K::Gauge | K::Value);
        if needs_x && self.x.is_none() {
            return Err(Fault::new("/encoding/x", "the answer has no column for it"));
        }
        if matches!(kind, K::HeatMap | K::Pivot) && self.series.is_none() {
            return Err(Fault::new("/encoding/series", "the answer has no second column for it"));
        }
        if kind == K::Bubble && self.size.is_none() {
            return Err(Fault::new("/encoding/size", "the answer has no third column of numbers"));
        }
        Ok(())
    }

    /// The columns whose numbers have the chart's format.
    pub(crate) fn formatted(&self) -> Vec<usize> {
        self.y.iter().chain(&self.size).copied().collect()
    }
}
