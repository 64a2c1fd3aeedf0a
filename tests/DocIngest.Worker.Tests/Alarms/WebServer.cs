using System.Collections.Concurrent;
using System.Net;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>A web server on this machine that remembers what it was told.</summary>
internal sealed class WebServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<Call> _calls = [];

    /// <param name="status">What it answers; asked anew each time, which may take a while.</param>
    public WebServer(Func<Call, Task<int>>? status = null)
    {
        Address = new Uri($"http://127.0.0.1:{MailServer.FreePort()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync(status ?? (_ => Task.FromResult(200)));   // until the listener is closed
    }

    internal sealed record Call(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

    public Uri Address { get; }

    public IReadOnlyList<Call> Calls => [.. _calls];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync(Func<Call, Task<int>> status)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.GetContextAsync(), status);
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context, Func<Call, Task<int>> status)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var headers = context.Request.Headers.AllKeys.OfType<string>().ToDictionary(name => name, name => context.Request.Headers[name] ?? "", StringComparer.OrdinalIgnoreCase);
        var call = new Call(context.Request.HttpMethod, context.Request.Url?.AbsolutePath ?? "", headers, body.ToArray());
        _calls.Enqueue(call);
        try
        {
            context.Response.StatusCode = await status(call);
            if (context.Response.StatusCode is >= 300 and < 400)
            {
                context.Response.RedirectLocation = $"{Address}elsewhere";
            }

            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The client hung up first.
        }
    }
}
