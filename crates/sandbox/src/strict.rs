//! The freedoms the real services have, taken at random: a client that relies on
//! what they never promised finds out here.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::http::Answer;
use crate::services::Service;

/// Adds members that no client knows to a JSON answer.
pub(crate) fn season(service: Service, answer: &mut Answer, dice: &mut Dice) {
    if !matches!(service, Service::Oidc | Service::Portal) || answer.body.first() != Some(&b'{') {
        return;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    add(&mut body, dice);
    for list in ["accountList", "roleList"] {
        body[list].as_array_mut().into_iter().flatten().for_each(|item| add(item, dice));
        if body[list].is_null() {
            body.as_object_mut().and_then(|members| members.shift_remove(list));
        }
    }
    answer.body = body.to_string().into_bytes();
}

fn add(object: &mut Value, dice: &mut Dice) {
    let Some(members) = object.as_object_mut() else { return };
    let value = [json!("?"), json!(null), json!([1, { "x": [] }]), json!({ "token": "" })];
    let rolled = usize::try_from(dice.below(4)).unwrap_or(0);
    let name = ["arn", "_links", "x-future", "error_uri"][rolled];
    members.insert(name.to_owned(), value[rolled].clone());
}

/// How many items a page has, where `most` were asked for.
pub(crate) fn page_size(most: usize, dice: &mut Dice) -> usize {
    let rolled = dice.below(most as u64);
    usize::try_from(rolled).map_or(most, |rolled| rolled + 1)
}

/// Whether a poll that came in time is told to slow down all the same.
pub(crate) fn slows_down(dice: &mut Dice) -> bool {
    dice.percent(20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_added_and_none_is_changed() {
        let body = json!({ "accountList": [{ "accountId": "1" }], "nextToken": null });
        let mut answer = Answer::json(200, &body);
        season(Service::Portal, &mut answer, &mut Dice::new(1));
        let seasoned: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(seasoned["accountList"][0]["accountId"], "1");
        assert_eq!(seasoned["accountList"][0].as_object().map(|item| item.len()), Some(2));
        assert_eq!(seasoned.as_object().map(|all| all.len()), Some(3));
    }

    #[test]
    fn other_answers_are_left_alone() {
        for (service, text) in [(Service::Portal, "<p>"), (Service::S3, "{}"), (Service::Oidc, "")]
        {
            let mut answer = Answer { body: text.into(), ..Answer::new(200) };
            season(service, &mut answer, &mut Dice::new(1));
            assert_eq!(answer.body, text.as_bytes());
        }
    }

    #[test]
    fn pages_have_at_least_one_item_and_at_most_what_was_asked_for() {
        let mut dice = Dice::new(1);
        let sizes: Vec<_> = (0..200).map(|_| page_size(3, &mut dice)).collect();
        assert!((1..=3).all(|size| sizes.contains(&size)));
        assert!(sizes.iter().all(|size| (1..=3).contains(size)));
    }
}
