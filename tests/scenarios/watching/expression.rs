//! CloudWatch's metric math, as far as the template uses it: numbers, `FILL(id, number)`,
//! sums, products, quotients and parentheses.

/// The value of an expression over the `series` that it names; `None` where it has none, as
/// what is divided by zero.
pub(super) fn value(expression: &str, series: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
    let mut reading = Reading {
        rest: expression,
        series,
    };
    let value = reading.sum();
    assert_eq!(reading.rest.trim(), "", "not read of {expression}");
    value.is_finite().then_some(value)
}

struct Reading<'a> {
    rest: &'a str,
    series: &'a dyn Fn(&str) -> Option<f64>,
}

impl Reading<'_> {
    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        while self.takes("+") {
            sum += self.product();
        }
        sum
    }

    fn product(&mut self) -> f64 {
        let mut product = self.factor();
        loop {
            if self.takes("*") {
                product *= self.factor();
            } else if self.takes("/") {
                product /= self.factor();
            } else {
                return product;
            }
        }
    }

    fn factor(&mut self) -> f64 {
        if self.takes("FILL(") {
            return self.filled();
        }
        if !self.takes("(") {
            return self.number();
        }
        let sum = self.sum();
        assert!(self.takes(")"), "no end of a parenthesis: {}", self.rest);
        sum
    }

    /// Behind `FILL(`.
    fn filled(&mut self) -> f64 {
        let (id, rest) = self.rest.split_once(',').expect("FILL(id, number)");
        self.rest = rest;
        let filling = self.number();
        assert!(self.takes(")"), "no end of FILL: {}", self.rest);
        (self.series)(id.trim()).unwrap_or(filling)
    }

    fn number(&mut self) -> f64 {
        let text = self.rest.trim_start();
        let ends = |character: char| !character.is_ascii_digit() && character != '.';
        let (number, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        self.rest = rest;
        let number = number.parse::<f64>();
        number.unwrap_or_else(|_| panic!("no number: {text}"))
    }

    /// Goes on behind `token`, if it stands here.
    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[test]
fn an_expression_has_its_value_or_none() {
    let series = |id: &str| match id {
        "failed" => Some(3.0),
        "asked" => Some(8.0),
        _ => None,
    };
    for (expression, expected) in [
        ("FILL(failed, 0) + FILL(silent, 0)", Some(3.0)),
        (
            "100 * (FILL(failed, 0) + FILL(silent, 1)) / (FILL(asked, 0) + FILL(silent, 2))",
            Some(40.0),
        ),
        ("FILL(silent, 0) / FILL(silent, 0)", None),
        ("FILL(failed, 0) / FILL(silent, 0)", None),
    ] {
        assert_eq!(value(expression, &series), expected, "{expression}");
    }
}
