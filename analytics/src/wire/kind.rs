//! Types of columns as PostgreSQL names them.

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

/// Where a column of the engine says which type of PostgreSQL it is, if that does not follow from its own.
pub(super) const MARK: &str = "postgresql";

macro_rules! scalars {
    ($($name:ident $text:literal $oid:literal $array:literal $size:literal;)*) => {
        /// A type of single values.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Scalar { $($name,)* }

        impl Scalar {
            const ALL: &[Scalar] = &[$(Scalar::$name,)*];
            /// Its name in `pg_type`.
            pub(super) const fn name(self) -> &'static str { match self { $(Scalar::$name => $text,)* } }
            const fn oid(self) -> u32 { match self { $(Scalar::$name => $oid,)* } }
            const fn array_oid(self) -> u32 { match self { $(Scalar::$name => $array,)* } }
            const fn size(self) -> i16 { match self { $(Scalar::$name => $size,)* } }
        }
    };
}

// As in the `pg_type` of every PostgreSQL.
scalars! {
    Bool "bool" 16 1000 1;
    Bytea "bytea" 17 1001 -1;
    Char "char" 18 1002 1;
    Name "name" 19 1003 64;
    Int8 "int8" 20 1016 8;
    Int2 "int2" 21 1005 2;
    Int4 "int4" 23 1007 4;
    Regproc "regproc" 24 1008 4;
    Text "text" 25 1009 -1;
    Oid "oid" 26 1028 4;
    Json "json" 114 199 -1;
    Float4 "float4" 700 1021 4;
    Float8 "float8" 701 1022 8;
    Unknown "unknown" 705 0 -2;
    Bpchar "bpchar" 1042 1014 -1;
    Varchar "varchar" 1043 1015 -1;
    Date "date" 1082 1182 4;
    Time "time" 1083 1183 8;
    Timestamp "timestamp" 1114 1115 8;
    Timestamptz "timestamptz" 1184 1185 8;
    Interval "interval" 1186 1187 16;
    Numeric "numeric" 1700 1231 -1;
    Uuid "uuid" 2950 2951 16;
    Jsonb "jsonb" 3802 3807 -1;
}

impl Scalar {
    /// The engine's type for single values of this one.
    pub(super) fn engine(self) -> DataType {
        match self {
            Scalar::Bool => DataType::Boolean,
            Scalar::Bytea => DataType::Binary,
            Scalar::Int2 => DataType::Int16,
            Scalar::Int4 => DataType::Int32,
            Scalar::Int8 | Scalar::Oid | Scalar::Regproc => DataType::Int64,
            Scalar::Float4 => DataType::Float32,
            Scalar::Float8 => DataType::Float64,
            Scalar::Date => DataType::Date32,
            Scalar::Time => DataType::Time64(TimeUnit::Microsecond),
            Scalar::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Scalar::Timestamptz => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Scalar::Interval => DataType::Interval(IntervalUnit::MonthDayNano),
            // As many digits before the point as behind it.
            Scalar::Numeric => DataType::Decimal128(38, 16),
            _ => DataType::Utf8,
        }
    }
}

/// How many values of a type stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    Array,
    /// An `int2vector` or `oidvector` of the system's tables: written with blanks.
    Vector,
}

/// A type of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PgType {
    pub(super) scalar: Scalar,
    pub(super) shape: Shape,
}

impl PgType {
    pub(super) const TEXT: PgType = PgType::one(Scalar::Text);

    pub(super) const fn one(scalar: Scalar) -> Self {
        PgType { scalar, shape: Shape::One }
    }

    pub(super) const fn oid(self) -> u32 {
        match (self.shape, self.scalar) {
            (Shape::One, scalar) => scalar.oid(),
            (Shape::Array, scalar) => scalar.array_oid(),
            (Shape::Vector, Scalar::Int2) => 22,
            (Shape::Vector, _) => 30,
        }
    }

    /// The type with this number, as far as values of it can be read.
    pub(super) fn of_oid(oid: u32) -> Option<Self> {
        Scalar::ALL.iter().find_map(|scalar| {
            let shape = if scalar.oid() == oid {
                Shape::One
            } else if scalar.array_oid() == oid && oid != 0 {
                Shape::Array
            } else {
                return None;
            };
            Some(PgType { scalar: *scalar, shape })
        })
    }

    /// The type of this name in `pg_type`; `_name` for arrays.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        match name {
            "int2vector" => return Some(PgType { scalar: Scalar::Int2, shape: Shape::Vector }),
            "oidvector" => return Some(PgType { scalar: Scalar::Oid, shape: Shape::Vector }),
            _ => {}
        }
        let (shape, single) = match name.strip_prefix('_') {
            Some(single) => (Shape::Array, single),
            None => (Shape::One, name),
        };
        Scalar::ALL.iter().find(|scalar| scalar.name() == single).map(|scalar| PgType { scalar: *scalar, shape })
    }

    /// Bytes of a value, below zero where they vary.
    pub(super) const fn size(self) -> i16 {
        match self.shape {
            Shape::One => self.scalar.size(),
            Shape::Array | Shape::Vector => -1,
        }
    }

    /// The type of a column of the engine.
    pub(super) fn of(field: &Field) -> Self {
        let marked = field.metadata().get(MARK).and_then(|name| PgType::of_name(name));
        marked.unwrap_or_else(|| PgType::of_kind(field.data_type()))
    }

    pub(super) fn of_kind(kind: &DataType) -> Self {
        use DataType as D;
        PgType::one(match kind {
            D::Boolean => Scalar::Bool,
            D::Int8 | D::Int16 | D::UInt8 => Scalar::Int2,
            D::Int32 | D::UInt16 => Scalar::Int4,
            // What is too large for it is refused when it comes.
            D::Int64 | D::UInt32 | D::UInt64 => Scalar::Int8,
            D::Float16 | D::Float32 => Scalar::Float4,
            D::Float64 => Scalar::Float8,
            D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) | D::Decimal256(..) => Scalar::Numeric,
            D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => Scalar::Bytea,
            D::Date32 | D::Date64 => Scalar::Date,
            D::Time32(_) | D::Time64(_) => Scalar::Time,
            D::Timestamp(_, None) => Scalar::Timestamp,
            D::Timestamp(_, Some(_)) => Scalar::Timestamptz,
            D::Interval(_) | D::Duration(_) => Scalar::Interval,
            D::Dictionary(_, value) => return PgType::of_kind(value),
            D::List(item) | D::LargeList(item) | D::FixedSizeList(item, _) | D::ListView(item) => {
                let item = PgType::of(item);
                let shape =
                    if item.shape == Shape::One && item.scalar.array_oid() != 0 { Shape::Array } else { Shape::One };
                return PgType { scalar: if shape == Shape::One { Scalar::Json } else { item.scalar }, shape };
            }
            D::Map(..) | D::Struct(_) | D::Union(..) | D::RunEndEncoded(..) => Scalar::Json,
            _ => Scalar::Text,
        })
    }

    /// The engine's type for values that come as this one.
    pub(super) fn engine(self) -> DataType {
        let one = self.scalar.engine();
        match self.shape {
            Shape::One => one,
            Shape::Array | Shape::Vector => DataType::new_list(one, true),
        }
    }
}

/// How PostgreSQL packs precision and scale of a column; -1 for none.
pub(super) fn modifier(kind: &DataType) -> i32 {
    match kind {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) if *scale >= 0 => {
            ((i32::from(*precision) << 16) | i32::from(*scale)) + 4
        }
        _ => -1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn types_are_found_by_number_and_name() {
        for scalar in Scalar::ALL {
            let one = PgType::one(*scalar);
            assert_eq!(PgType::of_oid(one.oid()), Some(one));
            assert_eq!(PgType::of_name(scalar.name()), Some(one));
        }
        let texts = PgType::of_kind(&DataType::new_list(DataType::Utf8View, true));
        assert_eq!((texts.oid(), PgType::of_oid(1009), PgType::of_name("_text")), (1009, Some(texts), Some(texts)));
        assert_eq!(PgType::of_name("int2vector").unwrap().oid(), 22);
        assert_eq!(PgType::of_oid(0), None);
        assert_eq!(modifier(&DataType::Decimal128(38, 12)), (38 << 16) + 16);
    }
}
