//! The taxonomy: a space's overlay of it, and what is known of a skill or a
//! title. Owns these routes; what names mean is the index's.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, ETAG};
use hyper::{Response, StatusCode};
use tandem_index::Snapshot;
use tandem_index::skills::{Category, Dictionary, SkillId};
use tandem_index::taxonomy::{
    self, CREDIT_WHOLE, Fault as OverlayFault, Form, How, Named, OVERLAY_BYTES_MAX, Put,
    Taxonomy as Known, Way,
};

use super::body;
use super::call::Call;
use super::conditions::{Conditions, tag_of};
use super::respond::{self, Body, JSON};
use crate::read_json::{self, Strict};
use crate::suggest::nearest;
use crate::wire::parameters::TITLES;
use crate::wire::problem::{Code, Fault, Outcome, Refusal};
use crate::wire::query;
use crate::wire::taxonomy::{
    Candidate, Esco, LinkedSkill, Occupation, Overlay, OverlayResult, OverlayWritten, Skill,
    StandIn, Taxonomy, Title,
};
use crate::writer::{Did, Overlaid};

/// Occupations a title may mean that are shown.
const CANDIDATES_MAX: usize = 5;

pub(super) fn get(call: &Call) -> Outcome<Response<Body>> {
    let conditions = Conditions::read(&call.headers)?;
    let snapshot = call.space.current();
    let held = held(&snapshot);
    if conditions.matches.is_some_and(|one| !one.is_met(held)) {
        return Err(unmet(held));
    }
    let unchanged = conditions.matches_none.is_some_and(|one| !one.is_met(held));
    let mut response = if unchanged {
        let mut response = respond::bytes(StatusCode::NOT_MODIFIED, JSON, "");
        response.headers_mut().remove(CONTENT_TYPE);
        response
    } else {
        let name = call.space.token(snapshot.sequence);
        respond::json(StatusCode::OK, &described(&snapshot, name))?
    };
    if let Some(version) = held {
        respond::set(&mut response, ETAG, &tag_of(version));
    }
    Ok(response)
}

pub(super) async fn put(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    let form = body::require_overlay(&call.headers)?;
    let conditions = Conditions::read(&call.headers)?;
    let bytes = match rest {
        Some(rest) => body::read(rest, OVERLAY_BYTES_MAX, call.deadline).await?,
        None => Vec::new(),
    };
    // Its links are worked out beside the writer, which has little left to do.
    let read = call
        .app
        .prepares
        .run(call.deadline, move || read(bytes, form));
    let taxonomy = Arc::new(read.await?);
    write(&call, Some(taxonomy), &conditions).await
}

pub(super) async fn delete(call: Call) -> Outcome<Response<Body>> {
    let conditions = Conditions::read(&call.headers)?;
    write(&call, None, &conditions).await
}

/// The taxonomy under an overlay.
fn read(bytes: Vec<u8>, form: Form) -> Outcome<Known> {
    if form == Form::Json {
        // For members given twice, which another reader would not tell.
        let Strict(_) = read_json::read(&mut bytes.clone())?;
    }
    let text = String::from_utf8(bytes).map_err(|cause| {
        let at = cause.utf8_error().valid_up_to();
        let detail = format!("not UTF-8 at byte {at}");
        Refusal::at(Code::InvalidRequest, "", detail)
    })?;
    let taken = taxonomy::base().taking(Put { form, text });
    taken.map_err(|faults| Refusal::because(faults.into_iter().map(fault).collect()))
}

fn fault(fault: OverlayFault) -> Fault {
    Fault {
        pointer: fault.pointer(),
        code: Code::InvalidRequest,
        detail: fault.text,
        did_you_mean: fault.meant,
    }
}

async fn write(
    call: &Call,
    taxonomy: Option<Arc<Known>>,
    conditions: &Conditions,
) -> Outcome<Response<Body>> {
    let conditions = conditions.all().cloned().collect();
    let (writer, space) = (&call.app.writer, call.space.number);
    let overlaid = writer.overlay(space, taxonomy, conditions).await?;
    let Overlaid {
        did,
        version,
        sequence,
    } = overlaid;
    let (status, result) = match did {
        Did::Created => (StatusCode::CREATED, OverlayResult::Created),
        Did::Replaced => (StatusCode::OK, OverlayResult::Replaced),
        Did::Deleted => (StatusCode::OK, OverlayResult::Deleted),
        Did::Nothing => {
            let detail = "this space has no overlay of the taxonomy";
            return Err(Refusal::new(Code::NotFound, detail));
        }
        Did::Unmet(held) => return Err(unmet(held)),
    };
    let written = OverlayWritten {
        version,
        sequence: call.space.token(sequence),
        result,
    };
    let mut response = respond::json(status, &written)?;
    respond::set(&mut response, ETAG, &tag_of(version));
    Ok(response)
}

/// The version of the overlay there is.
fn held(snapshot: &Snapshot) -> Option<u64> {
    let put = snapshot.taxonomy().put();
    put.map(|_| snapshot.taxonomy_version())
}

fn unmet(held: Option<u64>) -> Refusal {
    let detail = match held {
        Some(version) => {
            format!("version {version} is held, which is not what If-Match or If-None-Match says")
        }
        None => "there is no overlay, which is not what If-Match says".to_owned(),
    };
    Refusal::new(Code::PreconditionFailed, detail)
}

fn described(snapshot: &Snapshot, name: String) -> Taxonomy {
    let taxonomy = snapshot.taxonomy();
    let counts = taxonomy.counts();
    let overlay = taxonomy.put().map(|put| Overlay {
        media_type: match put.form {
            Form::Toml => body::TOML,
            Form::Json => JSON,
        }
        .to_owned(),
        text: put.text.clone(),
        skills: counts.skills as u64,
        links: counts.links as u64,
        titles: counts.titles as u64,
        faults: taxonomy.faults().iter().cloned().map(fault).collect(),
    });
    let esco = taxonomy.esco().map(|esco| Esco {
        version: esco.version.clone(),
        skills: esco.skills as u64,
        skills_unknown: esco.skills_unknown as u64,
        links: esco.links as u64,
        occupations: esco.occupations as u64,
        occupations_unknown: esco.occupations_unknown as u64,
        titles: esco.titles as u64,
    });
    Taxonomy {
        version: snapshot.taxonomy_version(),
        overlay,
        skills: Dictionary::builtin().len() as u64,
        skills_linked: taxonomy.links().len() as u64,
        occupations: taxonomy.occupations().len() as u64,
        onet: taxonomy::ONET_VERSION.to_owned(),
        esco,
        snapshot: name,
    }
}

/// A skill by any of its spellings.
pub(super) fn skill(call: &Call) -> Outcome<Response<Body>> {
    let snapshot = call.space.current();
    let taxonomy = snapshot.taxonomy();
    let name = call.params.id.as_deref().unwrap_or_default();
    let Some(skill) = taxonomy.skill_named(name) else {
        let known = Dictionary::builtin().iter().map(|skill| skill.name);
        let own = taxonomy.own_skills().map(|skill| skill.name.as_str());
        return Err(Refusal::because(vec![Fault {
            pointer: "/name".to_owned(),
            code: Code::NotFound,
            detail: "neither the dictionary nor the overlay knows such a skill; documents that list it have it under this very spelling".to_owned(),
            did_you_mean: nearest(name, known.chain(own)),
        }]));
    };
    let skill = taxonomy.links().own(skill);
    let linked = |way| linked(taxonomy, skill, way);
    let category = taxonomy.category(skill);
    let answer = Skill {
        name: name_of(taxonomy, skill),
        category: category.map_or("domain", Category::name).to_owned(),
        in_dictionary: Dictionary::builtin().get(skill).is_some(),
        spellings: owned(taxonomy.spellings(skill)),
        broader: linked(Way::Up),
        narrower: linked(Way::Down),
        related: linked(Way::Side),
        met_by: stand_ins(taxonomy, skill),
        snapshot: call.space.token(snapshot.sequence),
    };
    respond::json(StatusCode::OK, &answer)
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn name_of(taxonomy: &Known, skill: SkillId) -> String {
    taxonomy.skill_name(skill).unwrap_or_default().to_owned()
}

/// A credit as answers have it, rounded.
fn percent(credit: u16) -> u8 {
    let whole = u32::from(CREDIT_WHOLE);
    ((u32::from(credit) * 100 + whole / 2) / whole) as u8
}

/// The skills one step away, by name.
fn linked(taxonomy: &Known, skill: SkillId, way: Way) -> Vec<LinkedSkill> {
    let links = taxonomy.links();
    let mut linked: Vec<LinkedSkill> = links
        .next(skill, way)
        .map(|(other, relation)| LinkedSkill {
            name: name_of(taxonomy, other),
            relation: relation.name().to_owned(),
            meets: percent(links.credit(other, skill)),
            is_met: percent(links.credit(skill, other)),
        })
        .collect();
    linked.sort_by(|one, next| one.name.cmp(&next.name));
    linked
}

/// What meets a demand for a skill, the most first.
fn stand_ins(taxonomy: &Known, skill: SkillId) -> Vec<StandIn> {
    let links = taxonomy.links();
    // A skill of several numbers once.
    let mut met_by: Vec<StandIn> = links
        .neighbours(skill)
        .iter()
        .filter(|one| links.own(one.skill) == one.skill)
        .map(|one| {
            let path = links.path(one.skill, skill);
            let by = path.and_then(|path| match path.steps.as_slice() {
                [first, _] => Some(name_of(taxonomy, first.to)),
                _ => None,
            });
            StandIn {
                name: name_of(taxonomy, one.skill),
                meets: percent(one.credit),
                by,
            }
        })
        .collect();
    met_by.sort_by(|one, next| (next.meets, &one.name).cmp(&(one.meets, &next.name)));
    met_by
}

/// What a title is read as.
pub(super) fn title(call: &Call) -> Outcome<Response<Body>> {
    let title = asked_title(call.query.as_deref())?;
    let snapshot = call.space.current();
    let taxonomy = snapshot.taxonomy();
    let candidates = taxonomy.ranked(&title, CANDIDATES_MAX).into_iter();
    let answer = Title {
        occupation: taxonomy
            .of_title(&title)
            .map(|one| occupation(taxonomy, one)),
        candidates: candidates.map(|one| candidate(taxonomy, one)).collect(),
        title,
        snapshot: call.space.token(snapshot.sequence),
    };
    respond::json(StatusCode::OK, &answer)
}

fn asked_title(query: Option<&str>) -> Outcome<String> {
    let mut title = None;
    for (name, value) in query::pairs(query.unwrap_or_default(), &[])? {
        if name != "title" {
            return Err(query::unknown(&name, TITLES.map(|(known, ..)| known)));
        }
        title = Some(value);
    }
    title
        .filter(|title| !title.trim().is_empty())
        .ok_or_else(|| query::wrong("title", "is needed: a job title"))
}

fn candidate(taxonomy: &Known, named: Named) -> Candidate {
    let held = taxonomy.occupations().get(named.occupation);
    Candidate {
        code: held.map_or("", |held| held.code).to_owned(),
        occupation: held.map_or("", |held| held.title).to_owned(),
        sure: named.sure,
        how: match named.how {
            How::Title => "title",
            How::Plain => "plain",
            How::Part => "part",
            How::Words => "words",
        }
        .to_owned(),
    }
}

fn occupation(taxonomy: &Known, named: Named) -> Occupation {
    let occupations = taxonomy.occupations();
    let held = occupations.get(named.occupation);
    let groups = occupations.groups(named.occupation).into_iter();
    let related = held.map_or(&[][..], |held| &held.related).iter();
    Occupation {
        named: candidate(taxonomy, named),
        groups: groups.map(|group| group.name.to_owned()).collect(),
        zone: held.and_then(|held| held.zone),
        education: held.and_then(|held| held.education),
        related: related
            .filter_map(|id| Some(occupations.get(*id)?.title.to_owned()))
            .collect(),
    }
}
