//! A person on the drawing board: one plain insured person, and small steps that change one thing each.

use super::numbers;
use super::places::Place;
use crate::seed::Seed;
use insurance::accumulators::{Accumulators, Measure};
use insurance::calendar::{Instant, ServiceDate};
use insurance::filing::{Evidence, Filing, FilingCategory};
use insurance::identity::{DiseaseCode, FilingId, PersonNo, Region};
use insurance::money::Fen;
use insurance::person::{Insurance, Needy, Person, PersonClass, Wallet};
use platform::registry::{ChronicQualification, EnrolmentStatus, InsuredPerson};

/// Where and when people are made.
pub struct Board<'a> {
    /// The pool.
    pub place: &'a Place,
    /// Its number among the eight.
    pub place_index: usize,
    /// The day on which every tag is true.
    pub today: ServiceDate,
    /// Draws what nobody names: birthdays, tokens.
    pub seed: Seed,
    /// People drawn so far in this pool.
    pub drawn: usize,
}

/// A person being drawn.
pub struct Draft {
    /// The person so far.
    pub person: InsuredPerson,
    /// The day on which every tag is true.
    today: ServiceDate,
}

/// The year that ages count from, so that adults keep their identity number whenever the sandbox starts.
const AGES_COUNT_FROM: i16 = 2026;

/// The most people that one pool may have: person numbers and identity sequences leave room for so many.
pub const MOST_IN_ONE_POOL: usize = 60;

impl Board<'_> {
    /// The next person: employee or resident of this class and this age, with 1,500 yuan on an employee's account.
    pub fn draw(&mut self, class: PersonClass, age: i16) -> Draft {
        self.drawn += 1;
        assert!(self.drawn <= MOST_IN_ONE_POOL, "no more than {MOST_IN_ONE_POOL} people in one pool");
        let (serial, pool) = (self.place_index * MOST_IN_ONE_POOL + self.drawn, self.place.pool());
        let insurance = match class {
            PersonClass::Active | PersonClass::Retired => Insurance::Employee,
            _ => Insurance::Resident,
        };
        let month = i8::try_from(self.seed.between(1, 12)).expect("a month");
        let day = i8::try_from(self.seed.between(1, 28)).expect("a day of every month");
        let birth = ServiceDate::of(AGES_COUNT_FROM - age, month, day).expect("a day");
        let male = serial % 2 == 1;
        let certificate_no = numbers::identity_number(birth, sequence(serial, male));
        let retired_on = (class == PersonClass::Retired).then(|| birth.plus_months(60 * 12));
        let employee = insurance == Insurance::Employee;
        let person = InsuredPerson {
            person_no: person_no(pool, self.drawn),
            pool,
            name: name(self.place, self.drawn),
            certificate_type: "01".to_owned(),
            certificate_no,
            card_no: numbers::card_no(serial),
            card_sn: numbers::card_sn(&mut self.seed, pool),
            voucher_token: numbers::voucher_token(&mut self.seed, pool),
            gender: if male { "1" } else { "2" }.to_owned(),
            ethnic_group: (*self.seed.one_of(&["01", "01", "01", "02", "03", "08"])).to_owned(),
            facts: Person { insurance, class, birth, retired_on, needy: None, civil_servant: false },
            person_type: person_type(class).to_owned(),
            status: EnrolmentStatus::Normal,
            insured_since: ServiceDate::of(2015, 1, 1).expect("a day"),
            suspended_on: None,
            employer: employee.then(|| format!("{}示例单位", self.place.city_zh)),
            needy_since: None,
            wallet: if employee {
                Wallet { own: Fen::yuan(1_500), family: Fen::ZERO }
            } else {
                Wallet::default()
            },
            chronic: vec![],
            filings: vec![],
            used: vec![],
            tags: vec![],
        };
        Draft { person, today: self.today }
    }
}

/// The person number: the pool, a 9, and the number within the pool.
pub fn person_no(pool: Region, number: usize) -> PersonNo {
    PersonNo::new(format!("{pool}9{number:013}")).expect("a person number")
}

/// 长春测试甲一, 长春测试甲二, ... : ten stems, ten numbers.
fn name(place: &Place, number: usize) -> String {
    const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    const NUMBERS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let index = number - 1;
    format!("{}测试{}{}", place.city_zh, STEMS[index / 10], NUMBERS[index % 10])
}

/// Odd for men, even for women; one sequence for each person of the country.
fn sequence(serial: usize, male: bool) -> usize {
    serial * 2 + usize::from(male)
}

fn person_type(class: PersonClass) -> &'static str {
    match class {
        PersonClass::Active => "1101",
        PersonClass::Retired => "1201",
        PersonClass::Minor => "1403",
        PersonClass::Adult => "1501",
        PersonClass::Senior => "1601",
    }
}

impl Draft {
    /// Adds a tag that cannot be read off the facts.
    pub fn tag(mut self, tag: &str) -> Draft {
        self.person.tags.push(tag.to_owned());
        self
    }

    /// 人员类别, four digits.
    pub fn person_type(mut self, code: &str) -> Draft {
        self.person.person_type = code.to_owned();
        self
    }

    /// Born so many days before today: for the very young, whose age must be right on the day.
    pub fn born_days_ago(mut self, days: i32) -> Draft {
        let birth = self.today.plus_days(-days);
        let sequence = self.person.certificate_no[14..17].parse().expect("a sequence");
        self.person.facts.birth = birth;
        self.person.certificate_no = numbers::identity_number(birth, sequence);
        self.person.insured_since = birth;
        self
    }

    /// Retired on this day.
    pub fn retired_on(mut self, year: i16, month: i8) -> Draft {
        self.person.facts.retired_on = ServiceDate::of(year, month, 1);
        self
    }

    /// 公务员
    pub fn civil_servant(mut self) -> Draft {
        self.person.facts.civil_servant = true;
        let retired = self.person.facts.class == PersonClass::Retired;
        self.person_type(if retired { "1202" } else { "1102" })
    }

    /// 灵活就业: no employer, and often no account.
    pub fn flexible(mut self) -> Draft {
        self.person.employer = None;
        self.person_type("1103").wallet(0, 0).tag("flexible_employment")
    }

    /// 医疗救助对象, recognised a year and a half ago.
    pub fn needy(mut self, needy: Needy) -> Draft {
        self.person.facts.needy = Some(needy);
        self.person.needy_since = Some(self.today.plus_months(-18));
        self
    }

    /// Own account and family quota, in yuan.
    pub fn wallet(mut self, own: i64, family: i64) -> Draft {
        self.person.wallet = Wallet { own: Fen::yuan(own), family: Fen::yuan(family) };
        self
    }

    /// Suspended or ended, so many days ago.
    pub fn status(mut self, status: EnrolmentStatus, days_ago: i32) -> Draft {
        self.person.status = status;
        self.person.suspended_on = Some(self.today.plus_days(-days_ago));
        self
    }

    /// Insured only since the first day of last month.
    pub fn insured_since_last_month(mut self) -> Draft {
        let last_month = self.today.plus_months(-1);
        self.person.insured_since = last_month.plus_days(1 - i32::from(last_month.day()));
        self.tag("insured_since_last_month")
    }

    /// A chronic qualification, since fourteen months.
    pub fn chronic(mut self, code: &str, name: &str) -> Draft {
        self.person.chronic.push(ChronicQualification {
            disease: DiseaseCode::new(code).expect("a code"),
            name: name.to_owned(),
            from: self.today.plus_months(-14),
            until: Some(self.today.plus_months(22)),
        });
        self
    }

    /// A filing in force today, for as long as its category lasts.
    pub fn filed(self, category: FilingCategory, to: Region) -> Draft {
        let (from, until, evidence) = match category {
            FilingCategory::Referral => (-20, Some(160), Evidence::ReferralCertificate),
            FilingCategory::Emergency => (-3, Some(177), Evidence::None),
            FilingCategory::OtherTemporary => (-10, Some(170), Evidence::None),
            _ => (-300, None, Evidence::Documents),
        };
        self.filed_between(category, to, from, until, evidence)
    }

    /// A filing from so many days until so many days after today (below zero: before).
    pub fn filed_between(
        mut self,
        category: FilingCategory,
        to: Region,
        from: i32,
        until: Option<i32>,
        evidence: Evidence,
    ) -> Draft {
        let number = self.person.filings.len() + 1;
        let person_no = self.person.person_no.as_str();
        let id = format!("F{}{}{number:02}", &person_no[..6], &person_no[16..]);
        let from = self.today.plus_days(from);
        self.person.filings.push(Filing {
            id: FilingId::new(id).expect("a filing number"),
            category,
            places: vec![to],
            from,
            until: until.map(|days| self.today.plus_days(days)),
            evidence,
            // A filing is made on its first day, or yesterday where it begins later.
            made: nine_o_clock(from.min(self.today.plus_days(-1))),
            cancelled: None,
        });
        self
    }

    /// The last filing is cancelled yesterday.
    pub fn cancelled(mut self) -> Draft {
        let yesterday = nine_o_clock(self.today.plus_days(-1));
        self.person.filings.last_mut().expect("a filing to cancel").cancelled = Some(yesterday);
        self.tag("filing_cancelled")
    }

    /// What is used this policy year: three stays that reached this amount, and further amounts in fen.
    pub fn used(mut self, place: &Place, amounts: &[(Measure, Fen)]) -> Draft {
        let year = place.policy_year(self.person.facts.insurance, self.today);
        let mut used = Accumulators::new();
        for (measure, amount) in amounts {
            used.add_fen(measure.clone(), *amount);
        }
        if used.fen(&Measure::InpatientPool) > Fen::ZERO {
            used.add(Measure::Admissions, 3);
        }
        self.person.used.push((year, used));
        self
    }
}

/// 09:00 in official time: 01:00 UTC.
fn nine_o_clock(day: ServiceDate) -> Instant {
    let first = ServiceDate::of(1970, 1, 1).expect("a day");
    Instant(i64::from(day.days_since(first)) * 86_400_000 + 3_600_000)
}
