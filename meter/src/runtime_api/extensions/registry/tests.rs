use super::*;

const BOTH: &[&str] = &["INVOKE", "SHUTDOWN"];

fn registry() -> (Registry, Uuid) {
    let mut registry = Registry::new(vec!["one".to_owned()]);
    let id = registry.register("one", BOTH).unwrap();
    (registry, id)
}

fn error_type<T: std::fmt::Debug>(result: Result<T, Denied>) -> &'static str {
    result.unwrap_err().error_type
}

#[test]
fn an_extension_is_back_only_after_it_took_the_event() {
    let (mut registry, id) = registry();
    assert_eq!(registry.unready(), ["one"]);
    let now = Instant::now();
    assert_eq!(registry.ask(id, now), Ok(true));
    assert!(registry.unready().is_empty() && registry.busy().is_empty());
    assert_eq!(registry.send(Lifecycle::Invoke), [id]);
    assert_eq!(registry.busy(), ["one"]);
    assert_eq!(registry.ask(id, now), Ok(false), "a repeated call before the event is no answer");
    assert_eq!(registry.busy(), ["one"]);
    registry.take(id);
    assert_eq!(registry.busy(), ["one"]);
    let later = now + std::time::Duration::from_secs(1);
    assert_eq!(registry.ask(id, later), Ok(true));
    assert_eq!((registry.busy().len(), registry.last_ready()), (0, Some(later)));
}

#[test]
fn registration_is_for_the_initialisation_with_known_names_and_events() {
    let (mut registry, _) = registry();
    assert_eq!(error_type(registry.register("one", &[])), "Extension.InvalidExtensionState");
    assert_eq!(error_type(registry.register("", &[])), "Extension.InvalidExtensionName");
    assert_eq!(error_type(registry.register("in", &["SHUTDOWN"])), "Extension.InvalidEventType");
    assert_eq!(error_type(registry.register("in", &["invoke"])), "Extension.InvalidEventType");
    assert!(!registry.has(Kind::Internal) && registry.has(Kind::External));
    registry.register("in", &["INVOKE"]).unwrap();
    assert!(registry.has(Kind::Internal));
    for number in 2..MAX_EXTENSIONS {
        registry.register(&number.to_string(), &[]).unwrap();
    }
    assert_eq!(error_type(registry.register("11th", &[])), "Extension.TooManyExtensions");
    registry.close();
    assert_eq!(error_type(registry.register("late", &[])), "Extension.RegistrationClosed");
}

#[test]
fn a_reported_failure_ends_the_extension() {
    let (mut registry, id) = registry();
    registry.fail(id, FailureKind::Init, "Fatal.Connect", "no".to_owned()).unwrap();
    assert_eq!(error_type(registry.ask(id, Instant::now())), "Extension.InvalidExtensionState");
    assert_eq!(registry.failure().unwrap().error_type, "Fatal.Connect");
    assert!(registry.send(Lifecycle::Invoke).is_empty());
    let again = registry.fail(id, FailureKind::Exit, "Again", String::new());
    assert_eq!(error_type(again), "Extension.InvalidExtensionState");
    assert_eq!(registry.summaries()[0].1, "InitError");
}

#[test]
fn init_error_is_for_the_initialisation_and_exit_error_for_later() {
    let (mut registry, id) = registry();
    registry.ask(id, Instant::now()).unwrap();
    let late = registry.fail(id, FailureKind::Init, "Late", String::new());
    assert_eq!(error_type(late), "Extension.InvalidExtensionState");
    registry.fail(id, FailureKind::Exit, "Fatal.Lost", String::new()).unwrap();
    assert_eq!(registry.failure().unwrap().kind, FailureKind::Exit);
}

#[test]
fn an_identifier_must_be_known() {
    let (mut registry, _) = registry();
    let unknown = "Extension.UnknownExtensionIdentifier";
    assert_eq!(error_type(registry.ask(Uuid::new_v4(), Instant::now())), unknown);
}

#[test]
fn only_started_names_are_waited_for() {
    let mut registry = Registry::new(vec!["one".to_owned(), "two".to_owned()]);
    registry.register("two", &[]).unwrap();
    assert_eq!((registry.unregistered(), registry.unready()), (vec!["one"], vec!["two"]));
}
