//! Remarks on differences between the measurements, which limit or explain a change.

use crate::results::{Header, Results};

/// Remarks on the differences between the first measurement before and each after.
pub(super) fn differences(before: &[Results], after: &[Results]) -> Vec<String> {
    let (Some(first), Some(last)) = (before.first(), after.first()) else { return Vec::new() };
    let mut remarks = machines(&first.header, &last.header);
    remarks.extend(subjects(&first.header, &last.header));
    for (when, side) in [("before", before), ("after", after)] {
        let loads = side.iter().map(|results| &results.header.environment);
        if let Some(busy) = loads.into_iter().find(|environment| environment.is_busy()) {
            remarks.push(format!("The machine was busy {when} (load {:.1}).", busy.load));
        }
    }
    remarks
}

fn machines(before: &Header, after: &Header) -> Vec<String> {
    let (then, now) = (&before.environment, &after.environment);
    let pairs = [
        ("processors", &then.cpu, &now.cpu),
        ("kernels", &then.kernel, &now.kernel),
        ("versions of the tool", &before.tool, &after.tool),
    ];
    let differing = pairs.iter().filter(|(_, then, now)| then != now);
    differing.map(|(what, then, now)| format!("The {what} differ: {then} before, {now} after.")).collect()
}

fn subjects(before: &Header, after: &Header) -> Vec<String> {
    let mut remarks = Vec::new();
    for event in &after.events {
        let other = before.events.iter().find(|other| other.name == event.name);
        if other.is_some_and(|other| other.sha256 != event.sha256) {
            remarks.push(format!("The event {} differs.", event.name));
        }
    }
    for target in after.targets.iter().filter(|target| target.sha256.is_some()) {
        let other = before.targets.iter().find(|other| other.name == target.name);
        if other.is_some_and(|other| other.sha256 == target.sha256) {
            remarks.push(format!("{} is the same binary in both.", target.name));
        }
    }
    remarks
}
