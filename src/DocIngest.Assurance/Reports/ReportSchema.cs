using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace DocIngest.Assurance.Reports;

/// <summary>The schema of <c>report.json</c> (docs/formats/report.schema.json), made of the types that write it, and of the rules against a false green that a schema can express.</summary>
public static class ReportSchema
{
    /// <summary>The schema, JSON Schema 2020-12.</summary>
    public static JsonObject Create()
    {
        var schema = (JsonObject)ReportJson.Instance.AssuranceReport.Options.GetJsonSchemaAsNode(typeof(AssuranceReport), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "report.json: what a verification or a restore drill found");
        schema.Insert(2, "description", "The meaning of each entry: docs/formats/report.md. A result is worth what its counts are: see allOf.");
        schema["allOf"] = new JsonArray(WhatPasses("pass", skipped: 0, findings: 0), WhatPasses("pass-with-findings", skipped: null, findings: null), DrillsHaveCanaries(), AbortedSaysWhy());
        return schema;
    }

    // Nothing failed, something was checked in every check, every criterion that was set is met.
    private static JsonObject WhatPasses(string result, int? skipped, int? findings)
    {
        var check = new JsonObject { ["passed"] = new JsonObject { ["minimum"] = 1 }, ["failed"] = new JsonObject { ["const"] = 0 } };
        var then = new JsonObject
        {
            ["run"] = Properties("aborted", new JsonObject { ["type"] = "null" }),
            ["checks"] = new JsonObject { ["minItems"] = 1, ["items"] = new JsonObject { ["properties"] = check } },
            ["acceptance"] = new JsonObject { ["minItems"] = 1, ["items"] = Properties("isMet", new JsonObject { ["const"] = true }) },
        };
        if (skipped is { } most)
        {
            check["skipped"] = new JsonObject { ["const"] = most };
        }

        if (findings is { } count)
        {
            then["findings"] = new JsonObject { ["maxItems"] = count };
        }

        return If(Properties("result", new JsonObject { ["const"] = result }), new JsonObject { ["properties"] = then });
    }

    private static JsonObject DrillsHaveCanaries() => If(
        new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["kind"] = new JsonObject { ["enum"] = new JsonArray("sample-drill", "full-drill", "key-drill", "request-drill", "destruction-drill") },
                ["result"] = new JsonObject { ["enum"] = new JsonArray("pass", "pass-with-findings") },
            },
        },
        Properties("checks", new JsonObject { ["contains"] = Properties("kind", new JsonObject { ["const"] = "canary" }) }));

    private static JsonObject AbortedSaysWhy() => If(
        Properties("result", new JsonObject { ["const"] = "aborted" }),
        Properties("run", Properties("aborted", new JsonObject { ["type"] = "string", ["minLength"] = 1 })));

    private static JsonObject If(JsonObject condition, JsonObject then) => new() { ["if"] = condition, ["then"] = then };

    private static JsonObject Properties(string name, JsonObject schema) => new() { ["properties"] = new JsonObject { [name] = schema } };
}
