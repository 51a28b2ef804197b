//! 3201, 3202, 13203: an institution compares what it has with what is booked here: totals, then line by line, then
//! day by day what the last comparison found.

use super::TreatmentOffice;
use super::desk::{Desk, Outcome, Trouble};
use super::files::own_file;
use crate::protocol::answer::Answer;
use crate::protocol::normalise::Input;
use crate::protocol::statement::{
    DayAsked, DetailsAsked, ResultText, RowShown, TotalsAsked, is_inpatient, lines, refunds_count, row,
    side_code, totals,
};
use crate::protocol::values::Time;
use crate::protocol::{archive, codes};
use crate::records::VisitKind;
use crate::refusal::{Code, Refusal};
use crate::store::statement::{self, Difference, Statement};
use crate::store::visits;
use insurance::calendar::ServiceDate;
use insurance::identity::Region;
use insurance::reconciliation::Kind;
use insurance::statement::{Amounts, Comparison, Entry, Judged, Line, Scope, Totals, Why};
use serde_json::json;
use std::collections::BTreeMap;

/// How many days one statement may reach over.
const LONGEST_DAYS: i32 = 366;
/// How many rows a page of 13203 may have.
const LARGEST_PAGE: i64 = 100;
/// The name of a result file, and of the text in it.
const RESULT_FILE: (&str, &str) = ("result.zip", "result.txt");

impl TreatmentOffice {
    /// 3201
    pub(super) fn compare_totals(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: TotalsAsked = input.one("data")?;
        same_agency(desk, "setl_optins", &asked.setl_optins)?;
        let (from, to) = days(asked.stmt_begndate.0, asked.stmt_enddate.0)?;
        let inpatient = is_inpatient(&asked.clr_type);
        let scope = Scope { from, to, inpatient, refunds: refunds_count(asked.refd_setl_flag.as_deref()) };
        let mut ours = Totals::default();
        if inpatient.is_some() {
            let institution = &desk.institution.code;
            statement::statement_entries(desk.store, institution, from, to, |_, entry| {
                if scope.holds(&entry) && codes::insutype(entry.insurance) == asked.insutype {
                    ours = ours.with(entry.amounts);
                }
                Ok::<_, Trouble>(())
            })?;
        }
        let theirs = Totals {
            count: asked.fixmedins_setl_cnt.0,
            amounts: Amounts {
                fee: asked.medfee_sumamt.0,
                fund: asked.fund_pay_sumamt.0,
                account: asked.acct_pay.0,
                cash: ours.amounts.cash,
            },
        };
        let answer = Answer::success(&desk.key.infno, totals(&asked.setl_optins, ours, theirs));
        let remarks = self.open_ones(desk, inpatient)?;
        Ok(Outcome::Answer(remarked(answer, remarks.into_iter().collect())))
    }

    /// 3202
    pub(super) fn compare_details(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: DetailsAsked = input.one("data")?;
        same_agency(desk, "setl_optins", &asked.setl_optins)?;
        let (from, to) = days(asked.stmt_begndate.0, asked.stmt_enddate.0)?;
        let inpatient = is_inpatient(&asked.clr_type)
            .ok_or_else(|| Refusal::new(Code::StatementClassWrong).with("found", &asked.clr_type))?;
        let refunds = refunds_count(asked.refd_setl_flag.as_deref());
        let scope = Scope { from, to, inpatient: Some(inpatient), refunds };
        let institution = desk.institution.code.clone();
        let file = own_file(desk.store, &institution, &asked.file_qury_no, desk.now)?;
        let told = lines(&archive::text_of(&file.content)?)?;
        drop(file);
        let told: Vec<Line> = told.into_iter().filter(|line| refunds || !line.is_refund()).collect();
        let remarks = [sums_differ(&asked, &told), self.open_ones(desk, Some(inpatient))?];

        let mut found = Found::default();
        let mut comparison = Comparison::new(scope, told);
        let mut only_here = Vec::new();
        statement::statement_entries(desk.store, &institution, from, to, |_, entry| {
            if scope.holds(&entry)
                && let Some(why) = comparison.entry(&entry)
            {
                only_here.push((entry, why));
            }
            Ok::<_, Trouble>(())
        })?;
        let mut last = None;
        while let Some((place, line)) = comparison.unexplained(last) {
            let known = match line.settlement.is_empty() {
                true => statement::statement_entry_of_message(desk.store, &institution, &line.message)?,
                false => statement::statement_entry(desk.store, &institution, &line.settlement)?,
            };
            comparison.explain(place, known);
            last = Some(place);
        }
        comparison.judged().for_each(|judged| found.judged(&judged));
        only_here.iter().for_each(|(entry, why)| found.only_here(entry, why));

        let content = archive::zipped(RESULT_FILE.1, found.text.text());
        let result = self.keep_file(desk, RESULT_FILE.0.to_owned(), content)?;
        let statement = Statement {
            number: result.number.clone(),
            institution,
            kind: if inpatient { VisitKind::Inpatient } else { VisitKind::Outpatient },
            from,
            to,
            refunds,
            made: desk.now,
        };
        statement::statement_add(desk.store, &statement)?;
        for (place, difference) in (1..).zip(&found.differences) {
            statement::statement_difference_add(desk.store, &statement.number, place, difference)?;
        }
        let output = json!({"fileinfo": {
            "file_qury_no": result.number, "filename": result.name, "dld_endtime": Time(result.expires),
        }});
        let remarks = [Some(found.summary())].into_iter().chain(remarks).flatten().collect();
        Ok(Outcome::Answer(remarked(Answer::success(&desk.key.infno, output), remarks)))
    }

    /// 13203
    pub(super) fn show_day_compared(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: DayAsked = input.one("data")?;
        same_agency(desk, "clr_optins", &asked.clr_optins)?;
        let wrong = |field: &str, found: i64, zh: &str, en: &str| {
            Refusal::new(Code::PageWrong)
                .with("field", field)
                .with("found", found)
                .with_both("expected", zh, en)
        };
        let (size, number) = (asked.page_size.0, asked.page_num.unwrap_or_default().0);
        if !(1..=LARGEST_PAGE).contains(&size) {
            return Err(wrong("page_size", size, "1至100", "1 to 100").into());
        }
        let number = if number == 0 { 1 } else { number };
        if number < 0 {
            return Err(wrong("page_num", number, "1或更大", "1 or above").into());
        }
        let differs = asked.stmt_rslt.as_deref().map(|told| told != "0");
        let mut rows = Vec::new();
        let mut never = Vec::new();
        for (kind, clr_type) in [(VisitKind::Outpatient, "11"), (VisitKind::Inpatient, "21")] {
            if asked.clr_type.as_deref().is_some_and(|told| told != clr_type) {
                continue;
            }
            match self.day_compared(desk, kind, asked.stmt_date.0)? {
                Some(found) => rows.extend(found),
                None => never.push(clr_type),
            }
        }
        rows.retain(|row| {
            let insurance = row.insurance.map(codes::insutype);
            let place = row.pool.map(|pool| codes::pay_loc(pool, desk.institution.region));
            differs.is_none_or(|differs| differs == (row.side != 0))
                && asked.insutype.as_deref().is_none_or(|told| insurance == Some(told))
                && asked.clr_pay_loc.as_deref().is_none_or(|told| place == Some(told))
        });
        let skip = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
        let mut shown = Vec::new();
        for found in rows.into_iter().skip(skip).take(usize::try_from(size).unwrap_or_default()) {
            let visit = match insurance::identity::VisitId::new(found.visit.as_str()) {
                Ok(id) => visits::visit_find(desk.store, &id)?,
                Err(_) => None,
            };
            let own = visit.filter(|visit| visit.institution == desk.institution.code);
            shown.push(row(&found, own.map(|visit| visit.person.name).as_deref(), &asked.clr_optins));
        }
        let answer = Answer::success(&desk.key.infno, json!({ "data": shown }));
        let remark = (!never.is_empty()).then(|| {
            let never = never.join("、");
            format!(
                "clr_type {never}在该日尚未以3202核对 | clr_type {never}: no 3202 has compared this day yet"
            )
        });
        Ok(Outcome::Answer(remarked(answer, remark.into_iter().collect())))
    }

    /// What the newest statement that covers a day found; none where there is no such statement.
    fn day_compared(
        &self,
        desk: &mut Desk<'_>,
        kind: VisitKind,
        day: ServiceDate,
    ) -> Result<Option<Vec<RowShown>>, Trouble> {
        let institution = desk.institution.code.clone();
        let newest = statement::statement_of_day(desk.store, &institution, kind, day)?;
        let Some(newest) = newest else { return Ok(None) };
        let inpatient = Some(kind == VisitKind::Inpatient);
        let scope = Scope { from: day, to: day, inpatient, refunds: newest.refunds };
        let differences = statement::statement_differences(desk.store, &newest.number)?;
        let by_number: BTreeMap<&str, i64> = differences
            .iter()
            .filter(|difference| difference.side != 2)
            .map(|difference| (difference.settlement.as_str(), difference.side))
            .collect();
        let mut rows = Vec::new();
        statement::statement_entries(desk.store, &institution, day, day, |_, entry| {
            if !scope.holds(&entry) || entry.booked.is_none_or(|booked| booked > newest.made) {
                return Ok::<_, Trouble>(());
            }
            rows.push(RowShown {
                refund: entry.takes_back,
                person: entry.person.to_string(),
                visit: entry.visit.to_string(),
                settlement: entry.settlement.to_string(),
                message: entry.message.clone(),
                side: by_number.get(entry.settlement.as_str()).copied().unwrap_or_default(),
                fee: entry.amounts.fee,
                pool: Some(entry.pool),
                insurance: Some(entry.insurance),
            });
            Ok(())
        })?;
        let no_day = differences.iter().filter(|difference| difference.side == 2 && newest.to == day);
        rows.extend(no_day.map(|difference| RowShown {
            refund: difference.refund,
            person: difference.person.clone(),
            visit: difference.visit.clone(),
            settlement: difference.settlement.clone(),
            message: difference.message.clone(),
            side: difference.side,
            fee: difference.fee,
            pool: difference.pool,
            insurance: None,
        }));
        Ok(Some(rows))
    }

    /// How many settlements are being resolved and therefore count nowhere yet.
    fn open_ones(&self, desk: &mut Desk<'_>, inpatient: Option<bool>) -> Result<Option<String>, Trouble> {
        let Some(inpatient) = inpatient else { return Ok(None) };
        let kind = if inpatient { VisitKind::Inpatient } else { VisitKind::Outpatient };
        let open = statement::statement_open_count(desk.store, &desk.institution.code, kind)?;
        Ok((open > 0).then(|| {
            format!(
                "另有{open}笔正在核实,结果确定后再计入,请稍后重新对账 | {open} more are being resolved and count when \
                 their end is known: compare again later"
            )
        }))
    }
}

/// What a comparison found: the text of the result, and the differences.
#[derive(Default)]
struct Found {
    text: ResultText,
    differences: Vec<Difference>,
    sides: [usize; 4],
}

impl Found {
    fn judged(&mut self, judged: &Judged) {
        self.text.judged(judged);
        let (line, entry) = (&judged.line, judged.entry.as_ref());
        let (side, kind) = judged.why.verdict(true);
        self.count(side_code(side), kind, |side, kind| Difference {
            pool: entry.map(|entry| entry.pool),
            person: entry.map_or(line.person.clone(), |entry| entry.person.to_string()),
            settlement: entry.map_or(line.settlement.clone(), |entry| entry.settlement.to_string()),
            visit: entry.map_or(line.visit.clone(), |entry| entry.visit.to_string()),
            message: entry.map_or(line.message.clone(), |entry| entry.message.clone()),
            side,
            kind,
            refund: line.is_refund(),
            fee: line.amounts.fee,
            listed: true,
        });
    }

    fn only_here(&mut self, entry: &Entry, why: &Why) {
        self.text.not_listed(entry, why);
        let (side, kind) = why.verdict(false);
        self.count(side_code(side), kind, |side, kind| Difference {
            pool: Some(entry.pool),
            person: entry.person.to_string(),
            settlement: entry.settlement.to_string(),
            visit: entry.visit.to_string(),
            message: entry.message.clone(),
            side,
            kind,
            refund: entry.takes_back,
            fee: entry.amounts.fee,
            listed: false,
        });
    }

    fn count(&mut self, side: i64, kind: Option<Kind>, difference: impl FnOnce(i64, Kind) -> Difference) {
        if let Some(count) = usize::try_from(side).ok().and_then(|side| self.sides.get_mut(side)) {
            *count += 1;
        }
        self.differences.extend(kind.map(|kind| difference(side, kind)));
    }

    fn summary(&self) -> String {
        let [both, agency, institution, differ] = self.sides;
        format!(
            "平{both}、中心多{agency}、机构多{institution}、不一致{differ} | {both} agree, {agency} only at the agency, \
             {institution} only at the institution, {differ} differ"
        )
    }
}

fn remarked(answer: Answer, remarks: Vec<String>) -> Answer {
    if remarks.is_empty() { answer } else { answer.with_warning(remarks.join("; ")) }
}

/// Refuses another agency than the one that the settlements of this institution name.
fn same_agency(desk: &Desk<'_>, field: &str, told: &str) -> Result<(), Refusal> {
    let own: Region = desk.institution.region;
    if told == own.as_str() {
        return Ok(());
    }
    Err(Refusal::new(Code::StatementAgencyWrong)
        .with("field", field)
        .with("found", told)
        .with("expected", own))
}

fn days(from: ServiceDate, to: ServiceDate) -> Result<(ServiceDate, ServiceDate), Refusal> {
    if from > to || to > from.plus_days(LONGEST_DAYS) {
        return Err(Refusal::new(Code::StatementDatesWrong)
            .with("from", from)
            .with("until", to)
            .with("limit", LONGEST_DAYS));
    }
    Ok((from, to))
}

/// The remark where the totals of the request are not those of the file.
fn sums_differ(asked: &DetailsAsked, told: &[Line]) -> Option<String> {
    let fee: insurance::money::Fen = told.iter().map(|line| line.amounts.fee).sum();
    let fund: insurance::money::Fen = told.iter().map(|line| line.amounts.fund).sum();
    let figures = [
        ("medfee_sumamt", asked.medfee_sumamt.0.to_string(), fee.to_string()),
        ("fund_pay_sumamt", asked.fund_pay_sumamt.0.to_string(), fund.to_string()),
        ("fixmedins_setl_cnt", asked.fixmedins_setl_cnt.0.to_string(), told.len().to_string()),
    ];
    let other: Vec<String> = figures
        .iter()
        .filter(|(_, asked, told)| asked != told)
        .map(|(name, asked, told)| format!("{name} {asked}/{told}"))
        .collect();
    (!other.is_empty()).then(|| {
        format!("请求合计与文件合计不符 | the request is not the sum of the file: {}", other.join(", "))
    })
}
