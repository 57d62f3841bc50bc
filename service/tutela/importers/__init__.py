"""Programs that write tables from publications: the review's report and Unicode CLDR."""
