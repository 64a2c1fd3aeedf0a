using System.Net;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>A server whose answers a test gives, one after the other; the last one again and again.</summary>
internal sealed class ScriptedHandler(params Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>[] answers) : HttpMessageHandler
{
    private readonly List<string> _asked = [];

    /// <summary>Method, path and query of each request.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <summary>The last request.</summary>
    public HttpRequestMessage? Last { get; private set; }

    public static ScriptedHandler Answering(HttpStatusCode status, string content = "", string type = "text/plain") =>
        new((_, _) => Task.FromResult(Answer(status, content, type)));

    public static ScriptedHandler Answering(params HttpResponseMessage[] answers) =>
        new([.. answers.Select(answer => (Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>)((_, _) => Task.FromResult(answer)))]);

    public static HttpResponseMessage Answer(HttpStatusCode status, string content = "", string type = "text/plain")
    {
        var answer = new HttpResponseMessage(status) { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(content)) };
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return answer;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Last = request;
        _asked.Add($"{request.Method} {request.RequestUri?.PathAndQuery}");
        return answers[Math.Min(_asked.Count, answers.Length) - 1](request, cancellationToken);
    }
}
