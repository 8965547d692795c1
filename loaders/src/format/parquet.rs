//! Rows of Parquet files. Owns what a Parquet value is in JSON; pages are read
//! one after another, so memory holds a page a column.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::basic::{LogicalType, TimeUnit};
use parquet::data_type::Decimal;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use serde_json::{Map, Value};

use super::dates::{day, moment};
use super::text::names;
use crate::record::{Record, Reject};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// The rows of a file as records.
pub(super) struct Rows {
    source: RowIter<'static>,
    names: Vec<String>,
    /// Columns whose numbers are nanoseconds since 1970.
    nanoseconds: Vec<bool>,
    total: u64,
    row: u64,
    done: bool,
}

impl Rows {
    pub(super) fn new<R: ChunkReader + 'static>(
        file: R,
        number_duplicates: bool,
        row_group_bytes_max: u64,
    ) -> Result<Self, Reject> {
        let opened = guarded(0, || {
            SerializedFileReader::new(file).map_err(|cause| damaged(0, &cause.to_string()))
        });
        let reader = opened?;
        let metadata = reader.metadata();
        let largest = metadata
            .row_groups()
            .iter()
            .flat_map(RowGroupMetaData::columns)
            .map(|column| column.uncompressed_size().max(0) as u64)
            .max();
        if largest.is_some_and(|bytes| bytes > row_group_bytes_max) {
            let what = format!("a column of a row group has more than {row_group_bytes_max} bytes");
            return Err(Reject::new(0, "unpacks_too_large", what));
        }
        let schema = metadata.file_metadata().schema_descr_ptr();
        let fields = schema.root_schema().get_fields();
        let header = fields.iter().map(|field| field.name().to_owned()).collect();
        let nanoseconds = fields
            .iter()
            .map(|field| {
                matches!(
                    field.get_basic_info().logical_type_ref(),
                    Some(LogicalType::Timestamp(stamp)) if stamp.unit == TimeUnit::NANOS
                )
            })
            .collect();
        let names = names(0, header, number_duplicates)?;
        let total = metadata.file_metadata().num_rows().max(0) as u64;
        let rows = guarded(0, || Ok(RowIter::from_file_into(Box::new(reader))))?;
        Ok(Self {
            source: rows,
            names,
            nanoseconds,
            total,
            row: 0,
            done: false,
        })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Which share of the rows was read, in 0..=1.
    pub(super) fn share(&self) -> f64 {
        self.row as f64 / self.total.max(1) as f64
    }

    fn record(&self, row: &Row) -> Record {
        let mut fields = Map::with_capacity(self.names.len());
        for (place, (_, field)) in row.get_column_iter().enumerate() {
            let Some(name) = self.names.get(place) else {
                continue;
            };
            let is_nanoseconds = self.nanoseconds.get(place).copied().unwrap_or_default();
            let value = if let (Field::Long(value), true) = (field, is_nanoseconds) {
                Value::String(moment(value.div_euclid(1_000)))
            } else {
                json(field)
            };
            fields.insert(name.clone(), value);
        }
        Record {
            number: self.row,
            fields,
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let number = self.row + 1;
        let rows = &mut self.source;
        let read = guarded(number, || match rows.next() {
            Some(Ok(row)) => Ok(Some(row)),
            Some(Err(cause)) => Err(damaged(number, &cause.to_string())),
            None => Ok(None),
        });
        match read {
            Ok(Some(row)) => {
                self.row = number;
                Some(Ok(self.record(&row)))
            }
            Ok(None) => {
                self.done = true;
                // Fewer rows than the file says it has are no silent end.
                (self.row < self.total).then(|| {
                    let (read, total) = (self.row, self.total);
                    let what = format!("it ends after {read} of {total} rows");
                    Err(Reject::new(number, "truncated", what))
                })
            }
            Err(reject) => {
                self.done = true;
                Some(Err(reject))
            }
        }
    }
}

/// The library panics on some damaged files: that costs the file, not the load.
fn guarded<T>(row: u64, read: impl FnOnce() -> Result<T, Reject>) -> Result<T, Reject> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_panic| Err(damaged(row, "its reader met a defect")))
}

fn damaged(row: u64, cause: &str) -> Reject {
    // The library's texts name codecs and offsets, never values.
    Reject::new(row, "damaged", format!("not readable as Parquet: {cause}"))
}

fn json(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::from(*value),
        Field::Byte(value) => Value::from(*value),
        Field::Short(value) => Value::from(*value),
        Field::Int(value) => Value::from(*value),
        Field::Long(value) => Value::from(*value),
        Field::UByte(value) => Value::from(*value),
        Field::UShort(value) => Value::from(*value),
        Field::UInt(value) => Value::from(*value),
        Field::ULong(value) => Value::from(*value),
        Field::Float16(value) => Value::from(value.to_f32()),
        // By its text, so that 0.1 stays 0.1.
        Field::Float(value) => value
            .to_string()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        Field::Double(value) => Value::from(*value),
        Field::Decimal(value) => decimal(value),
        Field::Str(value) => Value::from(value.as_str()),
        // Many writers leave the mark that says it is text away.
        Field::Bytes(value) => std::str::from_utf8(value.data()).map_or(Value::Null, Value::from),
        Field::Date(days) => Value::String(day(i64::from(*days))),
        Field::TimeMillis(ms) => Value::String(time(i64::from(*ms) * 1_000)),
        Field::TimeMicros(us) => Value::String(time(*us)),
        Field::TimestampMillis(ms) => Value::String(moment(ms.saturating_mul(1_000))),
        Field::TimestampMicros(us) => Value::String(moment(*us)),
        Field::Group(row) => row
            .get_column_iter()
            .map(|(name, field)| (name.clone(), json(field)))
            .collect::<Map<_, _>>()
            .into(),
        Field::ListInternal(list) => list.elements().iter().map(json).collect(),
        Field::MapInternal(map) => map
            .entries()
            .iter()
            .map(|(key, value)| {
                let key = json(key);
                let name = key.as_str().map(str::to_owned);
                (name.unwrap_or_else(|| key.to_string()), json(value))
            })
            .collect::<Map<_, _>>()
            .into(),
    }
}

/// The time of day of a moment: `09:30:00Z`.
fn time(us: i64) -> String {
    let text = moment(us.rem_euclid(DAY_US));
    text.split_once('T')
        .map_or(String::new(), |(_, time)| time.to_owned())
}

/// A decimal as the number with its digits.
fn decimal(value: &Decimal) -> Value {
    let bytes = value.data();
    if bytes.len() > 16 {
        return Value::Null;
    }
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let unscaled = bytes
        .iter()
        .fold(if negative { -1_i128 } else { 0 }, |number, byte| {
            (number << 8) | i128::from(*byte)
        });
    if value.scale() == 0
        && let Ok(whole) = i64::try_from(unscaled)
    {
        return Value::from(whole);
    }
    let text = format!("{unscaled}e{}", -value.scale());
    text.parse::<f64>().map_or(Value::Null, Value::from)
}
