using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Worker.Configuration;

/// <summary>Makes the JSON schema of the configuration from the options classes and their doc comments, so that it cannot drift.</summary>
internal static partial class ConfigSchema
{
    /// <summary>The schema of the configuration, JSON Schema 2020-12.</summary>
    public static JsonObject Create() => Create(new DocIngestOptions(), "DocIngest configuration");

    /// <summary>The schema of the rules, JSON Schema 2020-12.</summary>
    public static JsonObject CreateOfRules() => Create(new RulesOptions(), "DocIngest rules");

    /// <summary>The schema of the retention schedule, JSON Schema 2020-12.</summary>
    public static JsonObject CreateOfRetention() => Create(new RetentionOptions(), "DocIngest retention schedule");

    private static JsonObject Create(object defaults, string title)
    {
        var schema = Block(defaults.GetType(), defaults);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        schema["properties"]?.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        return schema;
    }

    private static JsonObject Block(Type type, object defaults)
    {
        var properties = new JsonObject();
        foreach (var setting in ConfigReader.SettingsOf(type))
        {
            var schema = Value(setting.PropertyType, setting.GetValue(defaults));
            Constrain(schema, setting);
            if (Summary(setting) is { Length: > 0 } summary)
            {
                schema.Insert(0, "description", summary);
            }

            properties[ConfigReader.KeyOf(setting)] = schema;
        }

        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject Value(Type type, object? defaultValue)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ConfigReader.IsBlock(type))
        {
            return Block(type, defaultValue ?? Activator.CreateInstance(type) ?? throw new InvalidOperationException($"{type} is no options class."));
        }

        if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type))
        {
            var element = type.GetGenericArguments()[0];
            return new JsonObject { ["type"] = "array", ["items"] = Value(element, null) };
        }

        var schema = type switch
        {
            _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when type == typeof(int) || type == typeof(long) => new JsonObject { ["type"] = "integer" },
            _ when type.IsEnum => new JsonObject
            {
                ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))]),
            },
            _ when type == typeof(TimeSpan) => new JsonObject { ["type"] = "string", ["pattern"] = @"^(\d+\.)?\d{1,2}:\d{2}:\d{2}(\.\d{1,7})?$" },
            _ => new JsonObject { ["type"] = "string" },
        };
        if (defaultValue is not null)
        {
            schema["default"] = defaultValue switch
            {
                bool flag => flag,
                int number => number,
                long number => number,
                Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
                _ => defaultValue.ToString(),
            };
        }

        return schema;
    }

    private static void Constrain(JsonObject schema, PropertyInfo setting)
    {
        foreach (var rule in setting.GetCustomAttributes<ValidationAttribute>())
        {
            switch (rule)
            {
                case RangeAttribute { OperandType: var type } range when type != typeof(TimeSpan):
                    schema["minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
                    schema["maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
                    break;
                case RegularExpressionAttribute pattern:
                    schema["pattern"] = pattern.Pattern;
                    break;
                case MinLengthAttribute length:
                    schema[setting.PropertyType == typeof(string) ? "minLength" : "minItems"] = length.Length;
                    break;
            }
        }
    }

    private static string Summary(PropertyInfo setting)
    {
        var type = setting.DeclaringType ?? throw new InvalidOperationException("A property belongs to a type.");
        string file = Path.Combine(AppContext.BaseDirectory, type.Assembly.GetName().Name + ".xml");
        if (!File.Exists(file))
        {
            return "";
        }

        var member = XDocument.Load(file).Descendants("member")
            .FirstOrDefault(element => (string?)element.Attribute("name") == $"P:{type.FullName}.{setting.Name}");
        return member?.Element("summary") is { } summary ? Blanks().Replace(summary.Value, " ").Trim() : "";
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blanks();
}
