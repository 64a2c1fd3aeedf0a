using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using DocIngest.Pipeline;

namespace DocIngest.Worker.Configuration;

/// <summary>
/// Fills options objects from JSON with comments and finds every fault at once: unknown keys, wrong types, values out of range.
/// </summary>
/// <remarks>The framework's own binder ignores unknown keys and stops at the first wrong type; both hide a fault from an admin.</remarks>
internal sealed class ConfigReader
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly List<ConfigFault> _faults = [];

    /// <summary>Reads and validates a configuration.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="faults">Every fault; empty when the options can be used.</param>
    public static DocIngestOptions Read(string json, out IReadOnlyList<ConfigFault> faults) => Read<DocIngestOptions>(json, out faults);

    /// <summary>Reads and validates a file of settings.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="faults">Every fault; empty when the options can be used.</param>
    public static T Read<T>(string json, out IReadOnlyList<ConfigFault> faults)
        where T : class, new()
    {
        var reader = new ConfigReader();
        var options = new T();
        faults = reader._faults;
        using var document = reader.Parse(json);
        if (document is not null)
        {
            reader.Fill(options, document.RootElement, "");
        }

        return options;
    }

    /// <summary>The key of a property in the file.</summary>
    public static string KeyOf(MemberInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    /// <summary>The settings of an options class, in the order of its source.</summary>
    public static IEnumerable<PropertyInfo> SettingsOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    /// <summary>Whether a type is a nested block of settings.</summary>
    public static bool IsBlock(Type type) => type.IsClass && type != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(type);

    private JsonDocument? Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json, Lenient);
        }
        catch (JsonException error)
        {
            _faults.Add(new ConfigFault("", $"This is no JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}. {Reason(error)}"));
        }
        catch (InvalidOperationException)
        {
            _faults.Add(new ConfigFault("", "A name holds an escaped half of a surrogate pair, which is no text."));
        }

        return null;
    }

    private static string Reason(JsonException error) =>
        error.Message.Split(" LineNumber:")[0].Split(" Path:")[0];

    private void Fill(object block, JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "an object {…}", json);
            return;
        }

        var settings = SettingsOf(block.GetType()).ToDictionary(KeyOf);
        foreach (var entry in json.EnumerateObject())
        {
            string entryPath = path.Length == 0 ? entry.Name : $"{path}.{entry.Name}";
            if (entry.NameEquals("$schema"))
            {
                continue;   // editors find the schema by it
            }

            if (!settings.TryGetValue(entry.Name, out var setting))
            {
                _faults.Add(new ConfigFault(entryPath, "is not a setting." + NearestWords.Hint(entry.Name, settings.Keys)));
                continue;
            }

            if (TryConvert(setting.PropertyType, MayBeNull(setting), entry.Value, entryPath, out object? value))
            {
                setting.SetValue(block, value);
                CheckRules(setting, value, entryPath);
            }
        }
    }

    private static bool MayBeNull(PropertyInfo setting) => new NullabilityInfoContext().Create(setting).WriteState == NullabilityState.Nullable;

    private bool TryConvert(Type type, bool mayBeNull, JsonElement json, string path, out object? value)
    {
        value = null;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return json.ValueKind == JsonValueKind.Null || TryConvert(underlying, mayBeNull, json, path, out value);
        }

        if (type == typeof(string))
        {
            value = TextOf(json);
            return value is not null || (mayBeNull && json.ValueKind == JsonValueKind.Null) || Fault(path, "a text in quotes", Kind(json));
        }

        if (type == typeof(bool))
        {
            value = json.ValueKind == JsonValueKind.True;
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False || Fault(path, "true or false", json);
        }

        if (type == typeof(TimeSpan))
        {
            bool read = TimeSpan.TryParseExact(TextOf(json), "c", CultureInfo.InvariantCulture, out var duration);
            value = duration;
            return read || Fault(path, "a duration such as \"00:00:10\" or \"7.00:00:00\"", json);
        }

        if (type == typeof(int) || type == typeof(long))
        {
            bool read = json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out long number) && (type == typeof(long) || number is >= int.MinValue and <= int.MaxValue);
            value = read ? Convert.ChangeType(json.GetInt64(), type, CultureInfo.InvariantCulture) : null;
            return read || Fault(path, "a whole number", json);
        }

        if (type.IsEnum)
        {
            string[] words = [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];
            int at = Array.IndexOf(words, TextOf(json));
            value = at < 0 ? null : Enum.Parse(type, Enum.GetNames(type)[at]);
            return at >= 0 || Fault(path, "one of " + string.Join(", ", words.Select(word => $"\"{word}\"")), json);
        }

        if (typeof(IEnumerable).IsAssignableFrom(type))
        {
            return TryConvertList(type.GetGenericArguments()[0], json, path, out value);
        }

        value = Activator.CreateInstance(type) ?? throw new InvalidOperationException($"{type} is no options class.");
        Fill(value, json, path);
        return true;
    }

    private bool TryConvertList(Type elementType, JsonElement json, string path, out object? value)
    {
        value = null;
        if (json.ValueKind != JsonValueKind.Array)
        {
            return Fault(path, "a list […]", json);
        }

        var list = (IList)(Activator.CreateInstance(typeof(List<>).MakeGenericType(elementType))
            ?? throw new InvalidOperationException("Lists can always be created."));
        int index = 0;
        bool whole = true;
        foreach (var element in json.EnumerateArray())
        {
            if (TryConvert(elementType, mayBeNull: false, element, $"{path}[{index++}]", out object? item))
            {
                list.Add(item);
            }
            else
            {
                whole = false;
            }
        }

        value = list;
        return whole;
    }

    private void CheckRules(PropertyInfo setting, object? value, string path)
    {
        if (value is null)
        {
            return;
        }

        foreach (var rule in setting.GetCustomAttributes<ValidationAttribute>())
        {
            if (!Holds(rule, value))
            {
                _faults.Add(new ConfigFault(path, $"is {Show(value)}, but {Demand(rule)}"));
            }
        }
    }

    // The attribute takes an empty text for none and lets it pass.
    private static bool Holds(ValidationAttribute rule, object value) => rule.IsValid(value) && !(rule is RegularExpressionAttribute && value is "");

    private static string Demand(ValidationAttribute rule) => rule switch
    {
        { ErrorMessage: { } words } => words,
        RangeAttribute range => $"must lie between {range.Minimum} and {range.Maximum}",
        RegularExpressionAttribute pattern => $"must have the form {pattern.Pattern}",
        MinLengthAttribute => "must not be empty",
        _ => "is not allowed",
    };

    private static string Show(object value) => value switch
    {
        string text => $"\"{text}\"",
        ICollection list => $"a list of {list.Count}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private bool Fault(string path, string wanted, JsonElement found) => Fault(path, wanted, Describe(found));

    private bool Fault(string path, string wanted, string found)
    {
        _faults.Add(new ConfigFault(path, $"must be {wanted}, not {found}") { IsUnread = true });
        return false;
    }

    private static string? TextOf(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;   // an escaped half of a surrogate pair, which is no text
        }
    }

    private static string Describe(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null => Kind(json),
        _ => json.GetRawText(),
    };

    // Where a text should stand, its place may be that of a secret: what is there is not shown.
    private static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a text with half a character",
        _ => json.GetRawText(),
    };
}
