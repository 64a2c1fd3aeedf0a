using System.Text.Encodings.Web;
using System.Text.Json;

namespace DocIngest.Pipeline.SystemObjects;

/// <summary>How documents of system objects are written and read.</summary>
public static class SystemDocumentJson
{
    /// <summary>Camel case; letters of any script as they are; what is missing, null or double is refused.</summary>
    public static JsonSerializerOptions CreateOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // files of our own, never put into HTML
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };
}
