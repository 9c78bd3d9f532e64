#include "graph/graph.h"

#include <algorithm>
#include <functional>

namespace samoyed {
namespace {

template <typename T>
bool Contains(const std::vector<T>& list, const T& item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

ValueId Graph::FindValue(std::string_view wanted) const {
  const auto it = by_name_.find(wanted);
  return it == by_name_.end() ? kNoValue : it->second;
}

const Tensor* Graph::ConstantTensor(ValueId id) const {
  if (id == kNoValue) return nullptr;
  const auto& constant = value(id).constant;
  return constant && constant->is_tensor() ? &constant->tensor() : nullptr;
}

bool Graph::IsOutput(ValueId id) const { return Contains(outputs, id); }

std::vector<NodeId> Graph::TopologicalOrder() const {
  // Kahn's algorithm; among nodes that are ready, the lowest number first, so that the order is the file's where it can be.
  std::vector<int> waiting(nodes_.size(), 0);
  std::vector<NodeId> ready, order;
  for (const auto& n : nodes_) {
    if (n == nullptr) continue;
    int& count = waiting[static_cast<size_t>(n->id)];
    std::vector<NodeId> producers;
    const auto wait_for = [&](ValueId id) {
      if (id != kNoValue && value(id).producer != kNoNode) producers.push_back(value(id).producer);
    };
    for (ValueId id : n->inputs) wait_for(id);
    for (ValueId id : n->captures) wait_for(id);
    std::ranges::sort(producers);
    count = static_cast<int>(std::unique(producers.begin(), producers.end()) - producers.begin());
    if (count == 0) ready.push_back(n->id);
  }
  const auto later = std::greater<NodeId>();
  std::ranges::make_heap(ready, later);
  while (!ready.empty()) {
    std::ranges::pop_heap(ready, later);
    const NodeId id = ready.back();
    ready.pop_back();
    order.push_back(id);
    std::vector<NodeId> readers;
    for (ValueId out : node(id).outputs) {
      if (out != kNoValue) readers.insert(readers.end(), value(out).consumers.begin(), value(out).consumers.end());
    }
    std::ranges::sort(readers);
    readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
    for (NodeId reader : readers) {
      if (--waiting[static_cast<size_t>(reader)] == 0) {
        ready.push_back(reader);
        std::ranges::push_heap(ready, later);
      }
    }
  }
  return order;
}

ValueId Graph::AddValue(std::string value_name, Type type) {
  const auto id = static_cast<ValueId>(values_.size());
  GraphValue added;
  added.id = id;
  added.name = by_name_.contains(value_name) || value_name.empty() ? UniqueName(value_name) : std::move(value_name);
  added.type = std::move(type);
  by_name_.emplace(added.name, id);
  values_.push_back(std::move(added));
  return id;
}

ValueId Graph::AddConstant(std::string value_name, Value content) {
  Type type;
  if (content.is_tensor()) type = Type::TensorOf(content.tensor().dtype(), content.tensor().shape());
  const ValueId id = AddValue(std::move(value_name), std::move(type));
  mutable_value(id).constant = std::move(content);
  return id;
}

NodeId Graph::AddNode(Node new_node) {
  const auto id = static_cast<NodeId>(nodes_.size());
  new_node.id = id;
  nodes_.push_back(std::make_unique<Node>(std::move(new_node)));
  const Node& added = *nodes_.back();
  for (ValueId input : added.inputs) AddUse(input, id);
  for (ValueId capture : added.captures) AddUse(capture, id);
  for (ValueId output : added.outputs) {
    if (output != kNoValue) mutable_value(output).producer = id;
  }
  return id;
}

void Graph::RemoveNode(NodeId id) {
  const std::unique_ptr<Node> removed = std::move(nodes_[static_cast<size_t>(id)]);
  for (ValueId input : removed->inputs) DropUse(input, id);
  for (ValueId capture : removed->captures) DropUse(capture, id);
  for (ValueId output : removed->outputs) {
    if (output != kNoValue && value(output).producer == id) mutable_value(output).producer = kNoNode;
  }
}

void Graph::SetInput(NodeId id, size_t index, ValueId input) {
  Node& n = mutable_node(id);
  const ValueId old = n.inputs[index];
  n.inputs[index] = input;
  DropUse(old, id);
  AddUse(input, id);
}

void Graph::SetInputs(NodeId id, std::vector<ValueId> new_inputs) {
  Node& n = mutable_node(id);
  const std::vector<ValueId> old = std::move(n.inputs);
  n.inputs = std::move(new_inputs);
  for (ValueId input : old) DropUse(input, id);
  for (ValueId input : n.inputs) AddUse(input, id);
}

bool Graph::ReplaceUses(ValueId from, ValueId to) {
  if (from == to) return false;
  const std::vector<NodeId> readers = value(from).consumers;
  for (NodeId reader : readers) {
    Node& n = mutable_node(reader);
    std::ranges::replace(n.inputs, from, to);
    if (Contains(n.captures, from)) {
      // Each value is captured once; bodies that read either now read the one capture.
      if (Contains(n.captures, to)) {
        std::erase(n.captures, from);
      } else {
        std::ranges::replace(n.captures, from, to);
      }
      for (const auto& body : n.bodies) {
        for (Capture& capture : body->captures) {
          if (capture.outer == from) capture.outer = to;
        }
      }
    }
    AddUse(to, reader);
  }
  mutable_value(from).consumers.clear();
  if (!IsOutput(from)) return true;
  if (Contains(inputs, to) || value(to).producer == kNoNode || IsOutput(to)) return false;
  std::ranges::replace(outputs, from, to);
  GraphValue& a = mutable_value(from);
  GraphValue& b = mutable_value(to);
  std::swap(a.name, b.name);
  by_name_[a.name] = from;
  by_name_[b.name] = to;
  return true;
}

void Graph::MakeConstant(ValueId id, Value constant) {
  GraphValue& v = mutable_value(id);
  if (v.producer != kNoNode) std::ranges::replace(mutable_node(v.producer).outputs, id, kNoValue);
  v.producer = kNoNode;
  if (constant.is_tensor()) v.type = Type::TensorOf(constant.tensor().dtype(), constant.tensor().shape());
  v.constant = std::move(constant);
}

std::string Graph::UniqueName(std::string_view base) {
  std::string unique(base.empty() ? std::string_view("value") : base);
  if (!base.empty() && !by_name_.contains(unique)) return unique;
  for (int64_t i = static_cast<int64_t>(by_name_.size());; ++i) {
    std::string numbered = StrCat(unique, "_", i);
    if (!by_name_.contains(numbered)) return numbered;
  }
}

void Graph::AddUse(ValueId used, NodeId reader) {
  if (used == kNoValue) return;
  auto& consumers = mutable_value(used).consumers;
  if (!Contains(consumers, reader)) consumers.push_back(reader);
}

void Graph::DropUse(ValueId used, NodeId reader) {
  if (used == kNoValue) return;
  const auto& slot = nodes_[static_cast<size_t>(reader)];
  if (slot != nullptr && (Contains(slot->inputs, used) || Contains(slot->captures, used))) return;
  std::erase(mutable_value(used).consumers, reader);
}

}  // namespace samoyed
