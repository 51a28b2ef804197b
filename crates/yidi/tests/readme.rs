//! The story on the front page is what the program prints.

mod command;

/// What does not change from one day to the next: everything but the days of a filing.
fn must_be_printed(line: &str) -> bool {
    !line.is_empty() && !line.contains("filing")
}

#[test]
fn the_story_of_the_front_page_is_what_the_program_prints() {
    let readme = include_str!("../../../README.md");
    let block = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a story");
    let output = command::run(&["demo", "--once", "--lang", "en", "--port", "0", "--his-port", "0"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let shown: Vec<&str> = block.lines().map(str::trim_end).filter(|line| must_be_printed(line)).collect();
    assert!(shown.len() > 25, "the story is there: {block}");
    let mut rest = printed.iter();
    for line in shown {
        assert!(rest.any(|found| *found == line), "not printed, or not in this order: {line}");
    }
}
