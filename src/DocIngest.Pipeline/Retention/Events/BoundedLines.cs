using System.Text;

namespace DocIngest.Pipeline.Retention;

/// <summary>Reads a text line by line, never holding more of it than a line may have.</summary>
/// <param name="reader">The text.</param>
/// <param name="mostCharacters">Longest line.</param>
internal sealed class BoundedLines(TextReader reader, int mostCharacters)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _filled;

    /// <summary>The lines, without their ends; null for one that is too long, which is passed over.</summary>
    public IEnumerable<string?> Read()
    {
        bool isTooLong = false;
        bool hasAny = false;
        while (Fill())
        {
            var rest = _buffer.AsSpan(_at, _filled - _at);
            int end = rest.IndexOf('\n');
            var part = end < 0 ? rest : rest[..end];
            isTooLong |= _line.Length + part.Length > mostCharacters;
            if (!isTooLong)
            {
                _line.Append(part);
            }

            hasAny = end < 0;
            _at += part.Length + (end < 0 ? 0 : 1);
            if (end >= 0)
            {
                yield return Take(ref isTooLong);
            }
        }

        if (hasAny)
        {
            yield return Take(ref isTooLong);
        }
    }

    private bool Fill()
    {
        if (_at < _filled)
        {
            return true;
        }

        _at = 0;
        _filled = reader.Read(_buffer);
        return _filled > 0;
    }

    private string? Take(ref bool isTooLong)
    {
        string? line = isTooLong ? null : _line.ToString().TrimEnd('\r');
        _line.Clear();
        isTooLong = false;
        return line;
    }
}
