//! Properties of the contract that hold for any input.

use pi_spigot::pi::DigitCount;
use pi_spigot_lambda::{EventError, Request};
use proptest::prelude::*;

fn digits(json: &str) -> Result<u64, EventError> {
    let payload = format!(r#"{{"digits": {json}}}"#);
    Request::from_json(payload.as_bytes()).map(|request| request.digits.get())
}

proptest! {
    #[test]
    fn no_bytes_panic_and_every_refusal_explains_itself(payload in any::<Vec<u8>>()) {
        if let Err(error) = Request::from_json(&payload) {
            prop_assert!(error.to_string().contains("for example"), "{error}");
        }
    }

    #[test]
    fn no_field_value_panics(
        name in "[a-z]{0,9}|digits|algorithm|output",
        value in "[\"0-9eE.+_ tfn{}\\[\\]:,-]{0,12}",
    ) {
        let payload = format!(r#"{{"{name}": {value}}}"#);
        if let Err(error) = Request::from_json(payload.as_bytes()) {
            prop_assert!(error.to_string().contains("for example"), "{error}");
        }
    }

    #[test]
    fn all_notations_of_an_integer_agree(n in 1_u64..=1_000_000_000_000, zeros in 0_usize..6) {
        let fraction = "0".repeat(zeros);
        let scaled = format!("{n}{fraction}e-{zeros}");
        prop_assert_eq!(digits(&n.to_string()), Ok(n));
        prop_assert_eq!(digits(&format!("{n}.{fraction}0")), Ok(n));
        prop_assert_eq!(digits(&scaled), Ok(n));
        prop_assert_eq!(digits(&format!("{n}E+0")), Ok(n));
        prop_assert_eq!(digits(&format!("\"{n}\"")), Ok(n));
    }

    #[test]
    fn underscores_between_digits_change_nothing(n in 1_u64..=1_000_000_000_000, places in any::<u16>()) {
        let mut text = String::new();
        for (place, digit) in n.to_string().chars().enumerate() {
            if place > 0 && places >> (place - 1) & 1 == 1 {
                text.push('_');
            }
            text.push(digit);
        }
        prop_assert_eq!(text.parse::<DigitCount>().map(DigitCount::get), Ok(n));
    }

    #[test]
    fn the_order_of_fields_does_not_matter(
        order in Just([r#""digits": 7"#, r#""algorithm": "gibbons""#, r#""output": "digest""#])
            .prop_shuffle(),
    ) {
        let payload = format!("{{{}}}", order.join(", "));
        let reference = br#"{"digits": 7, "algorithm": "gibbons", "output": "digest"}"#;
        prop_assert_eq!(Request::from_json(payload.as_bytes()), Request::from_json(reference));
    }
}
