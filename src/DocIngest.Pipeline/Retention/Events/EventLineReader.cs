using System.Text;

namespace DocIngest.Pipeline.Retention;

/// <summary>Reads lines of an events file (docs/formats/retention.md). A line is a row: a quote that does not end hurts its own line only.</summary>
internal sealed class EventLineReader
{
    private const char Replacement = '\uFFFD';   // what a decoder puts where bytes are no text
    private const string PatientColumn = "patientId";
    private const string CaseColumn = "encounterId";
    private const string KindColumn = "kind";
    private const string DateColumn = "date";
    private const string ReplacesColumn = "replaces";
    private static readonly string[] Columns = [PatientColumn, CaseColumn, KindColumn, DateColumn, ReplacesColumn];

    private readonly EventRules _rules;
    private readonly char _divider;
    private readonly List<string> _heading;

    private EventLineReader(EventRules rules, char divider, List<string> heading)
    {
        _rules = rules;
        _divider = divider;
        _heading = heading;
    }

    /// <summary>Reads the heading.</summary>
    /// <param name="heading">The first line.</param>
    /// <param name="rules">What events there may be.</param>
    /// <param name="faults">Everything wrong with it, without quoting it: a missing heading is a patient.</param>
    /// <returns>A reader for the lines after it; null where there are faults.</returns>
    public static EventLineReader? WithHeading(string heading, EventRules rules, out IReadOnlyList<string> faults)
    {
        heading = heading.TrimStart('\uFEFF');   // editors on Windows write it
        char divider = heading.Contains('\t') ? '\t' : heading.Contains(';') ? ';' : ',';
        var names = Split(heading, divider)?.ConvertAll(name => name.Trim()) ?? [];
        var places = names.ConvertAll(name => Array.Find(Columns, column => string.Equals(column, name, StringComparison.OrdinalIgnoreCase)) ?? "");
        var found = new List<string>();
        foreach (string needed in new[] { KindColumn, DateColumn }.Except(places))
        {
            found.Add($"has no column \"{needed}\"");
        }

        if (!places.Contains(PatientColumn) && !places.Contains(CaseColumn))
        {
            found.Add($"has neither a column \"{PatientColumn}\" nor one \"{CaseColumn}\"");
        }

        int unknown = places.Count(place => place.Length == 0);
        if (unknown > 0)
        {
            found.Add($"has {unknown} column(s) of other names than {string.Join(", ", Columns)}");
        }

        if (places.Where(place => place.Length > 0).GroupBy(place => place).Any(group => group.Count() > 1))
        {
            found.Add("has a column twice");
        }

        faults = found;
        return found.Count == 0 ? new EventLineReader(rules, divider, places) : null;
    }

    /// <summary>Reads a line.</summary>
    /// <returns>The line, or what is wrong with it in words that quote nothing of it.</returns>
    public (EventLine? Line, string? Fault) Read(string text)
    {
        if (text.Contains(Replacement))
        {
            return (null, "has bytes that are no UTF-8");
        }

        if (Split(text, _divider) is not { } cells)
        {
            return (null, "has a quote that does not end, or text behind one");
        }

        return cells.Count == _heading.Count
            ? _rules.Check(Cell(cells, PatientColumn), Cell(cells, CaseColumn), Cell(cells, KindColumn), Cell(cells, DateColumn), Cell(cells, ReplacesColumn))
            : (null, $"has {cells.Count} columns instead of {_heading.Count}");
    }

    private string Cell(List<string> cells, string column) => _heading.IndexOf(column) is >= 0 and var at ? cells[at].Trim() : "";

    // RFC 4180 within one line; null where quotes are wrong.
    private static List<string>? Split(string line, char divider)
    {
        var cells = new List<string>();
        int at = 0;
        while (true)
        {
            if (at < line.Length && line[at] == '"')
            {
                if (TakeQuoted(line, ref at) is not { } quoted || (at < line.Length && line[at] != divider))
                {
                    return null;
                }

                cells.Add(quoted);
            }
            else
            {
                int end = line.IndexOf(divider, at);
                end = end < 0 ? line.Length : end;
                cells.Add(line[at..end]);
                at = end;
            }

            if (at == line.Length)
            {
                return cells;
            }

            at++;   // the divider
        }
    }

    private static string? TakeQuoted(string line, ref int at)
    {
        var cell = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] != '"')
            {
                cell.Append(line[at]);
            }
            else if (at + 1 < line.Length && line[at + 1] == '"')
            {
                cell.Append('"');
                at++;
            }
            else
            {
                at++;
                return cell.ToString();
            }
        }

        return null;
    }
}
