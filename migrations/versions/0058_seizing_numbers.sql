-- A creditor stands on another case's seizure only with that case's number from his own paper: the fund keeps the register's numbers.
CREATE TABLE fund.case_seizure_number (
    seizure_id  uuid PRIMARY KEY REFERENCES fund.case_seizure,
    case_number text NOT NULL CHECK (case_number <> '')
);
INSERT INTO fund.case_seizure_number (seizure_id, case_number)
SELECT s.seizure_id, s.case_number FROM sale.seizure s JOIN fund.case_seizure USING (seizure_id);
CALL kernel.make_append_only('fund.case_seizure_number');
