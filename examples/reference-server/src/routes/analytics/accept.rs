//! In which form somebody takes records, by his `Accept` (RFC 9110 section 12.5.1).

use http::{HeaderMap, header};
use palisade::core::Rejection;

use super::{parameters::wrong, question::Form};

/// What there is; none of the others is JSON.
const FORMS: [(&str, Option<Form>); 3] = [
    ("application/json", None),
    ("text/csv", Some(Form::Csv)),
    ("application/x-ndjson", Some(Form::Ndjson)),
];

/// How much somebody wants a form.
#[derive(Clone, Copy, Debug)]
struct Wish {
    /// 0 is not at all.
    weight: f32,
    /// How exactly he says so: 2 by name, 1 by type, 0 by `*/*`.
    precision: u8,
    /// Where in the list.
    place: usize,
}

/// The form that he wants most; of equals the one that stands first. JSON, if there is nothing that he wants and he does not refuse it.
///
/// # Errors
///
/// 400 if he wants nothing of what there is, and no JSON.
pub(super) fn accepted(headers: &HeaderMap) -> Result<Option<Form>, Rejection> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let wishes = FORMS.map(|(name, form)| (form, wish(&ranges, name)));
    let mut best: Option<(Option<Form>, Wish)> = None;
    for (form, wish) in wishes.iter().filter_map(|(form, wish)| Some((*form, (*wish)?))) {
        let is_better = |(_, other): &(_, Wish)| {
            let by_place = other.place.cmp(&wish.place);
            wish.weight.total_cmp(&other.weight).then(by_place).is_gt()
        };
        if wish.weight > 0.0 && best.as_ref().is_none_or(is_better) {
            best = Some((form, wish));
        }
    }
    let refuses_json = || {
        wishes.iter().any(|(form, wish)| form.is_none() && wish.is_some_and(|it| it.weight <= 0.0))
    };
    match best {
        Some((form, _)) => Ok(form),
        None if refuses_json() => Err(wrong(format!(
            "`Accept` takes nothing of what there is: {}.",
            FORMS.map(|(name, _)| name).join(", ")
        ))),
        None => Ok(None),
    }
}

/// What the most exact of these ranges says of a form; nothing, if none does.
fn wish(ranges: &[&str], name: &str) -> Option<Wish> {
    let wishes = ranges.iter().enumerate().filter_map(|(place, range)| {
        let mut parts = range.split(';').map(str::trim);
        let precision = precision(parts.next().unwrap_or_default(), name)?;
        let weight = parts.find_map(weight).unwrap_or(1.0);
        Some(Wish { weight, precision, place })
    });
    wishes.reduce(|one, other| if other.precision > one.precision { other } else { one })
}

fn precision(range: &str, name: &str) -> Option<u8> {
    let kind = name.split('/').next().unwrap_or_default();
    let is_of_kind = || {
        let of = range.strip_suffix('*').and_then(|of| of.strip_suffix('/'));
        of.is_some_and(|of| of.eq_ignore_ascii_case(kind))
    };
    match range {
        _ if range.eq_ignore_ascii_case(name) => Some(2),
        "*/*" => Some(0),
        _ if is_of_kind() => Some(1),
        _ => None,
    }
}

/// What a parameter of a range says of its weight; what is no number says nothing.
fn weight(parameter: &str) -> Option<f32> {
    let weight = parameter.strip_prefix(['q', 'Q'])?.trim().strip_prefix('=')?;
    weight.trim().parse().ok()
}
