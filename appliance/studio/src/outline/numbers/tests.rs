//! Numbers as they are said, and as they are read.

use super::*;
use crate::transcript::Transcript;

#[track_caller]
fn check(text: &str, expected: &str) {
    let transcript = Transcript::from_text(text, "en");
    let mut got = Vec::new();
    for mut raw in crate::outline::sentence::split(&transcript) {
        to_digits(&mut raw.tokens, false);
        got.append(&mut raw.tokens);
    }
    short_years(&mut got);
    let got: Vec<_> = got.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(got.join(" "), expected, "{text}");
}

#[test]
fn numbers_years_and_clocks() {
    check("five hundred and twenty thousand pounds", "520,000 pounds");
    check("sixty-two thousand dollars", "62,000 dollars");
    check("a hundred and eighty", "180");
    check("in eighteen ninety-two", "in 1892");
    check("in nineteen oh five", "in 1905");
    check("two thousand and four", "2004");
    check("at half past nine", "at 9:30");
    check("at ten past two", "at 2:10");
    check("at nine twenty", "at 9:20");
    check("three, four and five", "3 4 and 5");
    check("the old one", "the old one");
    check("one p.m. sharp", "13:00 sharp");
    check("twenty twenty-four", "2024");
}

#[test]
fn fractions_are_part_of_their_number() {
    check("one point eight million people", "1.8 million people");
    check("nought point two percent of them", "0.2 percent of them");
    check("zero point zero five grams", "0.05 grams");
    check("about three point five thousand", "about 3,500");
    check("three point one four", "3.14");
    check("two point twenty-five metres", "2.25 metres");
    check("only point five percent", "only 0.5 percent");
    check("two and a half thousand bikes", "2,500 bikes");
    check("one and a half hours", "1.5 hours");
    check("it takes an hour and a half.", "it takes 1.5 hours");
    check("it takes two hours and a half.", "it takes 2.5 hours");
    check("four and three quarters", "4.75");
    check("half an hour", "half hour");
    check("in a quarter of an hour", "in quarter hour");
    check("three quarters of an hour", "3/4 hour");
    check("half a million", "500,000");
    check("three quarters of a million bolts", "750,000 bolts");
    check("half a dozen eggs, a dozen trailers", "6 eggs 12 trailers");
    check("two dozen", "24");
    check("At one point five people left.", "At one point 5 people left");
    check("At this point, five people left.", "At this point 5 people left");
    check("a third option", "a third option");
    check("half of them", "half of them");
}

#[test]
fn counts_keep_their_number() {
    check("take a hundred grams of coffee", "take 100 grams of coffee");
    check("pour in one litre of water", "pour in 1 litre of water");
    check("for one minute", "for 1 minute");
    check("One day we left.", "One day we left");
    check("one driver and the other one", "one driver and the other one");
    check("minus eighteen degrees", "-18 degrees");
    check("eighteen thousand four hundred", "18,400");
    check("twelve hundred visitors", "1,200 visitors");
    check("wait four to five minutes", "wait 4–5 minutes");
    check("two or three days", "2–3 days");
    check("one or two people", "1–2 people");
    check("five to six minutes", "5–6 minutes");
    check("four to five thousand euros", "4,000–5,000 euros");
    check("from five to ten people", "from 5 to 10 people");
    check("seven euros fifty.", "7.50 euros");
    check("two pounds eighty for the bus", "2.80 pounds for the bus");
    check("two euros fifty people", "2 euros 50 people");
    check("it costs two fifty", "it costs two fifty");
    check("we sold two thousand bikes", "we sold 2,000 bikes");
    check("it cost two thousand", "it cost 2,000");
    check("in two thousand", "in 2000");
    check("two thousand and fifty euros", "2,050 euros");
    check("the code is four two one seven", "the code is 4217");
    check("room two oh one is free", "room 201 is free");
    check("one two three four", "one 2 3 4");
    check("1.8 million people", "1.8 million people");
    check("One point oh came out", "1.0 came out");
    check("plus minus ten percent", "plus minus 10 percent");
    check("the second one, second of July", "the second one 2 July");
    check("twenty thirty people", "20 30 people");
}

#[test]
fn dates_and_times_of_day() {
    check("on the third of May twenty twenty-one", "on 3 May 2021");
    check("May the third, twenty twenty-one", "May 3 2021");
    check("on the twenty-first of March", "on 21 March");
    check("on March second we", "on March 2 we");
    check("in May the third line came", "in May the third line came");
    check("the first of all", "the first of all");
    check("At half eight the bus leaves.", "At 8:30 the bus leaves");
    check("At half eighty", "At half 80");
    check("at five to six we're back", "at 5:55 we are back");
    check("at quarter to five", "at 4:45");
    check("at fourteen thirty", "at 14:30");
    check("between nine fifteen and ten thirty", "between 9:15 and 10:30");
    check("It was twenty to four on a Sunday", "It was 3:40 on a Sunday");
    check("in the nineteen seventies", "in the 1970s");
    check("It opened in nineteen fifty-two. In sixty-three they grew.", "It opened in 1952 In 1963 they grew");
    check("It closed in nineteen eighty-eight and reopened in eighty-nine.", "It closed in 1988 and reopened in 1989");
    check("From two thousand and nine, better than in ninety-one.", "From 2009 better than in 1991");
    check("In nineteen fifty it ran in sixty seconds.", "In 1950 it ran in 60 seconds");
    check("In sixty-three they grew.", "In 63 they grew");
    check("three years later", "3 years later");
}
